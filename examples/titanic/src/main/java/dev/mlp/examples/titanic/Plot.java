package dev.mlp.examples.titanic;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A picture with two axes. x runs from 0 to 1; everything is given in the axes' units. */
final class Plot {

  private static final int WIDTH = 960;
  private static final int HEIGHT = 720;
  private static final int LEFT = 90;
  private static final int RIGHT = 930;
  private static final int TOP = 60;
  private static final int BOTTOM = 640;
  private static final int TICKS = 5;

  static final Color BLUE = new Color(0x1F5FA8);
  static final Color ORANGE = new Color(0xD9741A);
  static final Color GREY = new Color(0x8A8F98);
  private static final Color INK = new Color(0x22262B);
  private static final Color GRID = new Color(0xE4E7EB);

  /** A line of the legend. */
  record Entry(Color color, String text) {}

  private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
  private final Graphics2D graphics = image.createGraphics();
  private final Lettering lettering;
  private final double top;

  /**
   * @param top the upper end of the y axis, which begins at 0
   * @param yDecimals of the numbers at the y axis
   */
  Plot(String title, String xLabel, String yLabel, double top, int yDecimals, Lettering lettering) {
    this.top = top;
    this.lettering = lettering;
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    for (int i = 0; i <= TICKS; i++) {
      double share = (double) i / TICKS;
      graphics.setColor(GRID);
      graphics.setStroke(new BasicStroke(1));
      graphics.draw(new Line2D.Double(x(share), TOP, x(share), BOTTOM));
      graphics.draw(new Line2D.Double(LEFT, y(share * top), RIGHT, y(share * top)));
      graphics.setColor(INK);
      String xText = String.format(Locale.ROOT, "%.1f", share);
      lettering.draw(graphics, xText, x(share), BOTTOM + 18, Lettering.Anchor.MIDDLE);
      String yText = String.format(Locale.ROOT, "%." + yDecimals + "f", share * top);
      lettering.draw(graphics, yText, LEFT - 10, y(share * top), Lettering.Anchor.RIGHT);
    }
    lettering.draw(graphics, title, (LEFT + RIGHT) / 2.0, TOP / 2.0, Lettering.Anchor.MIDDLE, 1.3);
    lettering.draw(
        graphics, xLabel, (LEFT + RIGHT) / 2.0, BOTTOM + 52, Lettering.Anchor.MIDDLE, 1.1);
    AffineTransform upright = graphics.getTransform();
    graphics.rotate(-Math.PI / 2);
    lettering.draw(graphics, yLabel, -(TOP + BOTTOM) / 2.0, 24, Lettering.Anchor.MIDDLE, 1.1);
    graphics.setTransform(upright);
  }

  void line(double[] xs, double[] ys, Color color, float width) {
    Path2D path = new Path2D.Double();
    path.moveTo(x(xs[0]), y(ys[0]));
    for (int i = 1; i < xs.length; i++) {
      path.lineTo(x(xs[i]), y(ys[i]));
    }
    graphics.setColor(color);
    graphics.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    graphics.draw(path);
  }

  void dashed(double fromX, double fromY, double toX, double toY, Color color) {
    graphics.setColor(color);
    graphics.setStroke(
        new BasicStroke(
            2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {8, 6}, 0));
    graphics.draw(new Line2D.Double(x(fromX), y(fromY), x(toX), y(toY)));
  }

  void dot(double atX, double atY, Color color) {
    Ellipse2D dot = new Ellipse2D.Double(x(atX) - 7, y(atY) - 7, 14, 14);
    graphics.setColor(color);
    graphics.fill(dot);
    graphics.setColor(Color.WHITE);
    graphics.setStroke(new BasicStroke(2));
    graphics.draw(dot);
  }

  /** A bar from the x axis up. */
  void bar(double fromX, double toX, double height, Color color) {
    graphics.setColor(color);
    graphics.fill(
        new Rectangle2D.Double(x(fromX), y(height), x(toX) - x(fromX), BOTTOM - y(height)));
  }

  /**
   * @param left where its box begins, in units of the x axis
   * @param upper where its box begins, in units of the y axis
   */
  void legend(double left, double upper, List<Entry> entries) {
    if (!lettering.present()) {
      return;
    }
    double boxTop = y(upper);
    double boxLeft = x(left);
    Rectangle2D box = new Rectangle2D.Double(boxLeft, boxTop, 330, entries.size() * 28 + 16);
    graphics.setColor(Color.WHITE);
    graphics.fill(box);
    graphics.setColor(GRID);
    graphics.setStroke(new BasicStroke(1.5f));
    graphics.draw(box);
    for (int i = 0; i < entries.size(); i++) {
      double middle = boxTop + 22 + i * 28;
      graphics.setColor(entries.get(i).color());
      graphics.fill(new Rectangle2D.Double(boxLeft + 14, middle - 5, 24, 10));
      graphics.setColor(INK);
      lettering.draw(graphics, entries.get(i).text(), boxLeft + 50, middle, Lettering.Anchor.LEFT);
    }
  }

  /** Draws the axes over everything else and writes the picture. */
  void write(Path png) throws IOException {
    graphics.setColor(INK);
    graphics.setStroke(new BasicStroke(1.5f));
    graphics.draw(new Line2D.Double(LEFT, BOTTOM, RIGHT, BOTTOM));
    graphics.draw(new Line2D.Double(LEFT, BOTTOM, LEFT, TOP));
    graphics.dispose();
    ImageIO.setUseCache(false);
    if (!ImageIO.write(image, "png", png.toFile())) {
      throw new IOException("this Java cannot write PNG pictures");
    }
  }

  private static double x(double value) {
    return LEFT + value * (RIGHT - LEFT);
  }

  private double y(double value) {
    return BOTTOM - value / top * (BOTTOM - TOP);
  }
}
