package dev.mlp.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The lines of the architecture, held by the build. */
@AnalyzeClasses(
    packages = "dev.mlp.controlplane",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "dev.mlp.controlplane.";

  @ArchTest
  static final ArchRule decidersHaveNoEffects =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Decider")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.nio.file..",
              "java.sql..",
              "java.net..",
              "org.jdbi..",
              "io.vertx..",
              "org.slf4j..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.time.Clock.class)
          .orShould()
          .dependOnClassesThat()
          .haveSimpleNameEndingWith("Store");

  @ArchTest
  static final ArchRule sqlStaysInStores =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Store")
          .and()
          .resideOutsideOfPackages(ROOT + "database..", ROOT + "schedule..")
          // The composition root hands the one Jdbi to the stores.
          .and()
          .doNotHaveFullyQualifiedName(ROOT + "ControlPlane")
          // A reservation is one row under one lock: its class is its store.
          .and()
          .doNotHaveFullyQualifiedName(ROOT + "capacity.MachineCapacity")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.jdbi..");

  @ArchTest
  static final ArchRule vertxStaysAtTheEdge =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "http..", ROOT + "wire..", ROOT + "invocation..")
          .and()
          .doNotHaveFullyQualifiedName(ROOT + "ControlPlane")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx..");

  @ArchTest
  static final ArchRule objectStoreLibrariesStayInTheirPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "artifact..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.minio..", "org.gaul..", "okhttp3..");

  @ArchTest
  static final ArchRule quartzStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "schedule..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.quartz..");

  @ArchTest
  static final ArchRule runtimesKnowNoFeature =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "container..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "training..",
              ROOT + "endpoint..",
              ROOT + "model..",
              ROOT + "invocation..",
              ROOT + "wire..");

  @ArchTest
  static final ArchRule theGatewayKnowsNoStoreDatabaseOrRuntime =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "invocation..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "database..",
              ROOT + "container..",
              ROOT + "endpoint..",
              ROOT + "model..",
              ROOT + "training..");

  @ArchTest
  static final ArchRule aStoreBelongsToItsFeature =
      classes()
          .that()
          .haveSimpleNameEndingWith("Store")
          .and()
          .resideInAnyPackage(
              ROOT + "training..", ROOT + "model..", ROOT + "endpoint..", ROOT + "access..")
          .should(onlyBeUsedByTheirOwnPackage());

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.mlp.controlplane.(*)..").should().beFreeOfCycles();

  private static ArchCondition<JavaClass> onlyBeUsedByTheirOwnPackage() {
    DescribedPredicate<JavaClass> root =
        DescribedPredicate.describe(
            "the composition root", user -> user.getName().startsWith(ROOT + "ControlPlane"));
    return new ArchCondition<>("be used by their own package alone") {
      @Override
      public void check(JavaClass store, ConditionEvents events) {
        store.getDirectDependenciesToSelf().stream()
            .map(dependency -> dependency.getOriginClass())
            .filter(user -> !user.getPackageName().equals(store.getPackageName()))
            .filter(user -> !root.test(user))
            .forEach(user ->
                events.add(
                    SimpleConditionEvent.violated(
                        user, user.getName() + " uses " + store.getName())));
      }
    };
  }
}
