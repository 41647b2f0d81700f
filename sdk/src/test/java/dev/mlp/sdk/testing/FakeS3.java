package dev.mlp.sdk.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/** Buckets in memory, addressed by path: put (whole or in parts), get, head, list, delete. */
public final class FakeS3 {
  private final Set<String> buckets = new ConcurrentSkipListSet<>();
  private final SortedMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final SortedMap<String, byte[]> parts = new ConcurrentSkipListMap<>();
  private final List<String> puts =
      java.util.Collections.synchronizedList(new java.util.ArrayList<>());
  private final AtomicInteger failuresToCome = new AtomicInteger();

  /** The buckets there are. */
  public Set<String> buckets() {
    return buckets;
  }

  /** The objects by {@code bucket/key}. */
  public SortedMap<String, byte[]> objects() {
    return objects;
  }

  /** The paths of all uploads, failed ones too. */
  public List<String> puts() {
    return List.copyOf(puts);
  }

  /** The parts of uploads in parts that were neither completed nor given up. */
  public int openParts() {
    return parts.size();
  }

  /** The next uploads are refused with a 500. */
  public void failNextPuts(int count) {
    failuresToCome.set(count);
  }

  /** The object as text. */
  public Optional<String> text(String bucketAndKey) {
    return Optional.ofNullable(objects.get(bucketAndKey))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  void handle(HttpExchange exchange, byte[] body) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(1);
    int slash = path.indexOf('/');
    String bucket = slash < 0 ? path : path.substring(0, slash);
    boolean onBucket = slash < 0 || slash == path.length() - 1;
    switch (exchange.getRequestMethod()) {
      case "HEAD" -> {
        boolean there = onBucket ? buckets.contains(bucket) : objects.containsKey(path);
        exchange.sendResponseHeaders(there ? 200 : 404, -1);
      }
      case "PUT" -> {
        if (onBucket) {
          buckets.add(bucket);
          exchange.sendResponseHeaders(200, -1);
        } else {
          put(exchange, bucket, path, body);
        }
      }
      case "GET" -> {
        if (onBucket) {
          list(exchange, bucket);
        } else {
          get(exchange, path);
        }
      }
      case "POST" -> post(exchange, path, body);
      case "DELETE" -> {
        objects.remove(path);
        query(exchange)
            .forEach((key, value) -> parts.keySet().removeIf(k -> k.startsWith(path + "?")));
        exchange.sendResponseHeaders(204, -1);
      }
      default -> exchange.sendResponseHeaders(405, -1);
    }
  }

  private void put(HttpExchange exchange, String bucket, String path, byte[] body)
      throws IOException {
    puts.add(path);
    if (failuresToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      exchange.sendResponseHeaders(500, -1);
      return;
    }
    if (!buckets.contains(bucket)) {
      xml(exchange, 404, "<Error><Code>NoSuchBucket</Code><Message>no bucket</Message></Error>");
      return;
    }
    String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    byte[] content = hash != null && hash.startsWith("STREAMING") ? unchunk(body) : body;
    String part = query(exchange).get("partNumber");
    if (part == null) {
      objects.put(path, content);
    } else {
      parts.put(path + "?" + "0".repeat(5 - part.length()) + part, content);
    }
    exchange.getResponseHeaders().set("ETag", "\"" + content.length + "\"");
    exchange.sendResponseHeaders(200, -1);
  }

  private void post(HttpExchange exchange, String path, byte[] body) throws IOException {
    if (query(exchange).containsKey("uploads")) {
      xml(
          exchange,
          200,
          "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
    } else if (query(exchange).containsKey("uploadId")) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (Map.Entry<String, byte[]> part : parts.entrySet()) {
        whole.writeBytes(part.getValue());
      }
      parts.clear();
      objects.put(path, whole.toByteArray());
      xml(
          exchange,
          200,
          "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
    } else {
      String keys = new String(body, StandardCharsets.UTF_8);
      String bucket = path.replace("/", "");
      objects
          .keySet()
          .removeIf(k -> keys.contains("<Key>" + k.substring(bucket.length() + 1) + "</Key>"));
      xml(exchange, 200, "<DeleteResult></DeleteResult>");
    }
  }

  private void get(HttpExchange exchange, String path) throws IOException {
    byte[] content = objects.get(path);
    if (content == null) {
      xml(exchange, 404, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>");
      return;
    }
    exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
    exchange.getResponseBody().write(content);
  }

  private void list(HttpExchange exchange, String bucket) throws IOException {
    String prefix = bucket + "/" + query(exchange).getOrDefault("prefix", "");
    StringBuilder out = new StringBuilder("<ListBucketResult><IsTruncated>false</IsTruncated>");
    objects.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        out.append("<Contents><Key>")
            .append(key.substring(bucket.length() + 1))
            .append("</Key><Size>")
            .append(value.length)
            .append("</Size></Contents>");
      }
    });
    xml(exchange, 200, out.append("</ListBucketResult>").toString());
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new TreeMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String each : raw.split("&", -1)) {
        int equals = each.indexOf('=');
        query.put(
            equals < 0 ? each : each.substring(0, equals),
            equals < 0
                ? ""
                : URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static void xml(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Takes the content out of aws-chunked: {@code size;signature CRLF bytes CRLF …}. */
  private static byte[] unchunk(byte[] body) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int at = 0;
    while (true) {
      int end = at;
      while (body[end] != '\r') {
        end++;
      }
      String header = new String(body, at, end - at, StandardCharsets.US_ASCII);
      int size = Integer.parseInt(header.substring(0, (header + ";").indexOf(';')), 16);
      if (size == 0) {
        return content.toByteArray();
      }
      content.write(body, end + 2, size);
      at = end + 2 + size + 2;
    }
  }
}
