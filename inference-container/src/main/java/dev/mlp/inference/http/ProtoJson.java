package dev.mlp.inference.http;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonWriter;

/** Writes JSON in the layout of protobuf's printer: one space per level. */
final class ProtoJson {
  private final ByteBuilder out = new ByteBuilder(1024);
  private final JsonWriter json = new JsonWriter(out);
  private int level;
  private boolean first = true;

  ByteBuilder text() {
    return out;
  }

  void object() {
    if (level > 0) {
      next();
    }
    open('{');
  }

  void object(String name) {
    name(name);
    open('{');
  }

  void endObject() {
    close('}');
  }

  void list(String name) {
    name(name);
    open('[');
  }

  void endList() {
    close(']');
  }

  void string(String name, String value) {
    name(name);
    json.string(value);
  }

  void bool(String name, boolean value) {
    name(name);
    json.bool(value);
  }

  private void name(String name) {
    next();
    json.string(name);
    out.ascii(": ");
  }

  private void next() {
    if (!first) {
      out.put(',');
    }
    newLine();
    first = false;
  }

  private void open(char bracket) {
    out.put(bracket);
    level++;
    first = true;
  }

  private void close(char bracket) {
    level--;
    if (!first) {
      newLine();
    }
    out.put(bracket);
    first = false;
  }

  private void newLine() {
    out.put('\n');
    for (int i = 0; i < level; i++) {
      out.put(' ');
    }
  }
}
