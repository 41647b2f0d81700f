package dev.mlp.controlplane.wire;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingKnownType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.utils.builder.Buildable;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * A request of the query protocol: a form whose names are paths, such as {@code
 * Dimensions.member.1.Name} or {@code Tags.entry.1.key}.
 */
public final class QueryForm {
  /** Deeper than any request of the model. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_PARAMETERS = 20_000;

  /** What stands below a path: a text of its own, or members. */
  private static final class Node {
    private @Nullable String text;
    private final Map<String, Node> members = new LinkedHashMap<>();

    String text() {
      return text == null ? "" : text;
    }
  }

  private final Node root;
  private final List<WireCodec.UnknownMember> unknown = new ArrayList<>(0);

  private QueryForm(Node root) {
    this.root = root;
  }

  /**
   * Reads a form.
   *
   * @param body percent-encoded UTF-8
   * @throws ApiException SERIALIZATION when it is none
   */
  public static QueryForm parse(byte[] body) {
    Map<String, List<String>> parameters;
    try {
      parameters =
          new QueryStringDecoder(
                  new String(body, StandardCharsets.UTF_8),
                  StandardCharsets.UTF_8,
                  false,
                  MAX_PARAMETERS)
              .parameters();
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          ErrorCode.SERIALIZATION, "The form is malformed: " + e.getMessage(), Map.of(), e);
    }
    Node root = new Node();
    parameters.forEach((name, values) -> {
      String[] steps = name.split("\\.", -1);
      if (steps.length > MAX_DEPTH) {
        throw serialization("The form is malformed: '" + name.substring(0, 100) + "…' is too deep");
      }
      Node node = root;
      for (String step : steps) {
        node = node.members.computeIfAbsent(step, _ -> new Node());
      }
      node.text = values.getFirst();
    });
    return new QueryForm(root);
  }

  /**
   * The operation that is asked for.
   *
   * @throws ApiException UNKNOWN_OPERATION where the form is for another version of the service
   */
  public String action(Service service) {
    String action = parameter("Action").orElse("");
    String version = parameter("Version").orElse("NO_VERSION_SPECIFIED");
    if (!service.target().equals(version)) {
      throw new ApiException(
          ErrorCode.UNKNOWN_OPERATION,
          "Could not find operation " + action + " for version " + version);
    }
    return action;
  }

  private Optional<String> parameter(String name) {
    return Optional.ofNullable(root.members.get(name)).map(Node::text);
  }

  /**
   * The request that the form is.
   *
   * @throws ApiException SERIALIZATION where a member has another type than the model says
   */
  <T> WireCodec.Decoded<T> decode(Supplier<? extends SdkBuilder<?, T>> builder) {
    Node members = new Node();
    members.members.putAll(root.members);
    members.members.remove("Action");
    members.members.remove("Version");
    SdkBuilder<?, T> value = builder.get();
    fill((SdkPojo) value, members, "");
    return new WireCodec.Decoded<>(value.build(), unknown);
  }

  private void fill(SdkPojo builder, Node node, String path) {
    Map<String, SdkField<?>> fields = builder.sdkFieldNameToField();
    node.members.forEach((name, member) -> {
      SdkField<?> field = fields.get(name);
      String step = WireNames.camelCase(name);
      String at = path.isEmpty() ? step : path + "." + step;
      if (field == null) {
        unknown.add(new WireCodec.UnknownMember(at, NearestName.to(name, fields.keySet())));
      } else {
        field.set(builder, value(field, member, at));
      }
    });
  }

  private Object value(SdkField<?> field, Node node, String path) {
    MarshallingKnownType type = field.marshallingType().getKnownType();
    try {
      return switch (type) {
        case STRING -> node.text();
        case BOOLEAN ->
            switch (node.text()) {
              case "true" -> true;
              case "false" -> false;
              default -> throw mismatch(path, "true or false", node);
            };
        case INTEGER -> Integer.valueOf(node.text());
        case LONG -> Long.valueOf(node.text());
        case SHORT -> Short.valueOf(node.text());
        case BYTE -> Byte.valueOf(node.text());
        case FLOAT -> Float.valueOf(node.text());
        case DOUBLE -> Double.valueOf(node.text());
        case BIG_DECIMAL -> new BigDecimal(node.text());
        case INSTANT -> instant(node.text());
        case SDK_BYTES -> SdkBytes.fromByteArrayUnsafe(Base64.getDecoder().decode(node.text()));
        case SDK_POJO -> {
          bare(node, path, "members");
          SdkPojo builder = field.constructor().get();
          fill(builder, node, path);
          yield ((Buildable) builder).build();
        }
        case LIST -> list(field, node, path);
        case MAP -> map(field, node, path);
        case DOCUMENT, NULL ->
            throw new IllegalStateException(path + ": a form has no " + type + " values");
      };
    } catch (NumberFormatException _) {
      throw mismatch(path, "a number", node);
    } catch (DateTimeException _) {
      throw mismatch(path, "a time such as 2026-01-31T12:00:00Z", node);
    } catch (IllegalArgumentException _) {
      throw mismatch(path, "Base64 text", node);
    }
  }

  /** With or without an offset from UTC: the clients send both. */
  private static Instant instant(String text) {
    return text.endsWith("Z") ? Instant.parse(text) : OffsetDateTime.parse(text).toInstant();
  }

  private List<Object> list(SdkField<?> field, Node node, String path) {
    bare(node, path, "numbered elements");
    ListTrait trait = field.getTrait(ListTrait.class);
    String name = Optional.ofNullable(trait.memberLocationName()).orElse("member");
    Node elements = trait.isFlattened() ? node : node.members.getOrDefault(name, new Node());
    List<Object> values = new ArrayList<>();
    for (Node element : inOrder(elements, path)) {
      values.add(
          value(trait.memberFieldInfo(), element, path + "." + (values.size() + 1) + ".member"));
    }
    return values;
  }

  private Map<String, Object> map(SdkField<?> field, Node node, String path) {
    bare(node, path, "numbered entries");
    MapTrait trait = field.getTrait(MapTrait.class);
    Node entries = trait.isFlattened() ? node : node.members.getOrDefault("entry", new Node());
    Map<String, Object> values = new LinkedHashMap<>();
    for (Node entry : inOrder(entries, path)) {
      String key = entry.members.getOrDefault("key", new Node()).text();
      Node value = entry.members.getOrDefault("value", new Node());
      values.put(key, value(trait.valueFieldInfo(), value, path + "." + key));
    }
    return values;
  }

  /** Empty text is how an empty list is sent; any other stands where members should. */
  private static void bare(Node node, String path, String expectation) {
    if (!node.text().isEmpty()) {
      throw mismatch(path, expectation, node);
    }
  }

  /** By their numbers; these need neither begin with 1 nor follow each other. */
  private static Collection<Node> inOrder(Node elements, String path) {
    Map<Integer, Node> numbered = new TreeMap<>();
    elements.members.forEach((step, node) -> numbered.put(number(step, path), node));
    return numbered.values();
  }

  private static int number(String step, String path) {
    try {
      return Integer.parseInt(step);
    } catch (NumberFormatException _) {
      throw serialization(
          "Type mismatch at '" + path + "': expected numbered elements, found '" + step + "'");
    }
  }

  private static ApiException mismatch(String path, String expectation, Node node) {
    String text = node.text();
    return serialization(
        "Type mismatch at '"
            + path
            + "': expected "
            + expectation
            + ", found the string \""
            + (text.length() <= 100 ? text : text.substring(0, 100) + "…")
            + "\"");
  }

  private static ApiException serialization(String message) {
    return new ApiException(ErrorCode.SERIALIZATION, message);
  }
}
