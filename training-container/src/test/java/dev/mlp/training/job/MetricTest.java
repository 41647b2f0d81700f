package dev.mlp.training.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MetricTest {

  @Test
  void isWrittenAsNameAndValue() {
    assertThat(new Metric("validation:auc", 0.88)).hasToString("validation:auc=0.88;");
  }

  @Test
  void isWrittenAlikeInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(new Metric("loss", 1234.5)).hasToString("loss=1234.5;");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Property
  void theRegexFindsEveryFiniteValue(@ForAll double value) {
    Matcher matcher =
        Pattern.compile(Metric.regex("train:loss"))
            .matcher("epoch 3/40 " + new Metric("train:loss", value) + " validation:auc=0.5;");

    assertThat(matcher.find()).isEqualTo(Double.isFinite(value));
    if (Double.isFinite(value)) {
      assertThat(Double.parseDouble(matcher.group(1))).isEqualTo(value);
    }
  }

  @Test
  void theRegexIgnoresALongerNameThatEndsAlike() {
    Pattern auc = Pattern.compile(Metric.regex("auc"));

    assertThat(auc.matcher("test:auc=0.5;").find()).isFalse();
    assertThat(auc.matcher("test:auc=0.5; auc=0.5;").find()).isTrue();
    assertThat(Pattern.compile(Metric.regex("a.c")).matcher("abc=0.5;").find()).isFalse();
  }

  @Test
  void refusesANameThatTheFormCannotCarry() {
    assertThatThrownBy(() -> new Metric("a=b", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a=b'");
    assertThatThrownBy(() -> new Metric("", 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
