package dev.mlp.controlplane.wire;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;

/** The XML of the query protocol. */
final class QueryXml {
  @FunctionalInterface
  private interface Content {
    void write(XMLStreamWriter xml) throws XMLStreamException;
  }

  private QueryXml() {}

  static byte[] answer(Service service, String operation, SdkPojo value, String requestId) {
    return document(
        service,
        operation + "Response",
        xml -> {
          xml.writeStartElement(operation + "Result");
          members(xml, value);
          xml.writeEndElement();
          xml.writeStartElement("ResponseMetadata");
          element(xml, "RequestId", requestId);
          xml.writeEndElement();
        });
  }

  static byte[] error(Service service, ApiException error, String requestId) {
    return document(
        service,
        "ErrorResponse",
        xml -> {
          xml.writeStartElement("Error");
          element(xml, "Type", error.code().status() < 500 ? "Sender" : "Receiver");
          element(xml, "Code", code(error.code()));
          element(xml, "Message", error.message());
          xml.writeEndElement();
          element(xml, "RequestId", requestId);
        });
  }

  /** The older protocols have names of their own for what every service refuses. */
  private static String code(ErrorCode code) {
    return switch (code) {
      case ACCESS_DENIED -> "AccessDenied";
      case INCOMPLETE_SIGNATURE -> "IncompleteSignature";
      case INVALID_SIGNATURE -> "SignatureDoesNotMatch";
      case MISSING_AUTHENTICATION_TOKEN -> "MissingAuthenticationToken";
      case SERIALIZATION -> "MalformedQueryString";
      case THROTTLING -> "Throttling";
      case UNKNOWN_OPERATION -> "InvalidAction";
      case UNRECOGNIZED_CLIENT -> "InvalidClientTokenId";
      default -> code.wireName();
    };
  }

  private static byte[] document(Service service, String root, Content content) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartElement(root);
      xml.writeDefaultNamespace(service.xmlNamespace());
      content.write(xml);
      xml.writeEndElement();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e); // memory does not fail
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void members(XMLStreamWriter xml, SdkPojo value) throws XMLStreamException {
    for (SdkField<?> field : value.sdkFields()) {
      Object member = field.getValueOrDefault(value);
      // The SDK has empty collections of its own where nothing was given.
      if (member != null
          && !(member instanceof SdkAutoConstructList)
          && !(member instanceof SdkAutoConstructMap)) {
        xml.writeStartElement(field.locationName());
        value(xml, field, member);
        xml.writeEndElement();
      }
    }
  }

  private static void value(XMLStreamWriter xml, SdkField<?> field, Object value)
      throws XMLStreamException {
    switch (value) {
      case SdkPojo pojo -> members(xml, pojo);
      case List<?> list -> {
        SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
        for (Object element : list) {
          xml.writeStartElement("member");
          value(xml, member, element);
          xml.writeEndElement();
        }
      }
      case Map<?, ?> map -> {
        SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          xml.writeStartElement("entry");
          element(xml, "key", entry.getKey().toString());
          xml.writeStartElement("value");
          value(xml, member, entry.getValue());
          xml.writeEndElement();
          xml.writeEndElement();
        }
      }
      default -> xml.writeCharacters(value.toString());
    }
  }

  private static void element(XMLStreamWriter xml, String name, String text)
      throws XMLStreamException {
    xml.writeStartElement(name);
    xml.writeCharacters(text);
    xml.writeEndElement();
  }
}
