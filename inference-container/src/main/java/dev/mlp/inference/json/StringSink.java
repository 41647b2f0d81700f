package dev.mlp.inference.json;

/** Takes the bytes of a JSON string, in pieces. */
public interface StringSink {
  /** Forgets them. */
  StringSink NONE =
      new StringSink() {
        @Override
        public void append(byte[] bytes, int from, int length) {}

        @Override
        public void append(byte value) {}
      };

  void append(byte[] bytes, int from, int length);

  void append(byte value);
}
