package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

final class ListingTest {
  private static final S3Address SOURCE = new S3Address("bucket", "p/");

  @Property(tries = 300)
  void sharesArePartsOfTheWholeInKeyOrderWhateverOrderTheStoreListsIn(
      @ForAll @Size(max = 40) Set<@AlphaChars @StringLength(min = 1, max = 6) String> names,
      @ForAll @IntRange(min = 1, max = 9) int hosts,
      @ForAll long seed)
      throws StagingException {
    List<StoredObject> objects = new ArrayList<>();
    names.forEach(name -> objects.add(object(name)));
    List<String> inOrder = objects.stream().map(object -> object.address().key()).sorted().toList();
    List<List<String>> shares = new ArrayList<>();
    for (int i = 0; i < hosts; i++) {
      Collections.shuffle(objects, new Random(seed + i));
      shares.add(
          Listing.below(SOURCE, objects).shard(i, hosts).files().stream()
              .map(item -> item.object().address().key())
              .sorted()
              .toList());
    }
    for (int i = 0; i < inOrder.size(); i++) {
      assertThat(shares.get(i % hosts)).contains(inOrder.get(i));
    }
    assertThat(shares.stream().mapToInt(List::size).sum()).isEqualTo(inOrder.size());
  }

  @Property(tries = 200)
  void equalListingsHaveEqualNamesAndOthersHaveOthers(
      @ForAll @Size(min = 1, max = 10) Set<@AlphaChars @StringLength(min = 1, max = 3) String> one,
      @ForAll @Size(min = 1, max = 10)
          Set<@AlphaChars @StringLength(min = 1, max = 3) String> other)
      throws StagingException {
    assertThat(id(one).equals(id(other))).isEqualTo(one.equals(other));
  }

  private static String id(Set<String> names) throws StagingException {
    List<StoredObject> objects = new ArrayList<>();
    names.forEach(name -> objects.add(object(name)));
    Collections.shuffle(objects);
    return ContentId.folder(Listing.below(SOURCE, objects));
  }

  private static StoredObject object(String name) {
    return new StoredObject(new S3Address("bucket", "p/" + name), 1, "etag", Instant.EPOCH);
  }
}
