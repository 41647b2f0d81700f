package dev.mlp.examples.titanic;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.util.Optional;

/**
 * The text in pictures, where the machine has fonts: a bare server has none, and its pictures go
 * without.
 */
record Lettering(Optional<Font> font) {

  enum Anchor {
    LEFT,
    MIDDLE,
    RIGHT
  }

  static Lettering ofThisMachine() {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
    try {
      font.getStringBounds("0", new FontRenderContext(null, true, true));
      return new Lettering(Optional.of(font));
    } catch (RuntimeException | LinkageError | InternalError e) {
      return new Lettering(
          Optional.empty()); // what Java throws here has changed from release to release
    }
  }

  boolean present() {
    return font.isPresent();
  }

  /** Draws a text whose middle line runs through y. */
  void draw(Graphics2D graphics, String text, double x, double y, Anchor anchor) {
    draw(graphics, text, x, y, anchor, 1);
  }

  void draw(Graphics2D graphics, String text, double x, double y, Anchor anchor, double scale) {
    if (font.isEmpty()) {
      return;
    }
    graphics.setFont(font.get().deriveFont((float) (font.get().getSize2D() * scale)));
    double width = graphics.getFontMetrics().stringWidth(text);
    double left =
        switch (anchor) {
          case LEFT -> x;
          case MIDDLE -> x - width / 2;
          case RIGHT -> x - width;
        };
    double ascent = graphics.getFontMetrics().getAscent();
    graphics.drawString(text, (float) left, (float) (y + ascent * 0.38));
  }
}
