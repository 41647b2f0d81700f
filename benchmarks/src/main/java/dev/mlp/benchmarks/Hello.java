package dev.mlp.benchmarks;

/** The smallest Java program: what a JVM costs by itself. Prints when it began to run, in ms. */
final class Hello {
  private Hello() {}

  public static void main(String[] arguments) {
    System.out.println("now=" + System.currentTimeMillis() + ";");
  }
}
