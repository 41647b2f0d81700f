package dev.mlp.inference.json;

/** The kinds of JSON values, told apart by their first byte. */
public enum JsonKind {
  NULL("Null"),
  FALSE("False"),
  TRUE("True"),
  OBJECT("Object"),
  ARRAY("Array"),
  STRING("String"),
  NUMBER("Number");

  private final String wireName;

  JsonKind(String wireName) {
    this.wireName = wireName;
  }

  /** As TensorFlow Serving's error texts name it. */
  public String wireName() {
    return wireName;
  }
}
