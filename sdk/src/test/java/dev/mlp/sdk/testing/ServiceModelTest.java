package dev.mlp.sdk.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeps the judge of all the other tests honest. */
class ServiceModelTest {
  @Test
  void acceptsWhatSageMakerAccepts() throws JsonProcessingException {
    assertThat(problems("DescribeTrainingJob", "{'TrainingJobName':'a-b'}")).isEmpty();
    assertThat(problems("ListTrainingJobs", "{'MaxResults':100,'SortOrder':'Descending'}"))
        .isEmpty();
  }

  @Test
  void namesWhatIsMissingUnknownOrOutOfBounds() throws JsonProcessingException {
    assertThat(
            problems(
                "CreateTrainingJob",
                "{'TrainingJobName':'a_b','Nonsense':1,'Environment':{'1A':'x'},'InputDataConfig':[],'ResourceConfig':{'InstanceCount':'2','InstanceType':'ml.none.large'}}"))
        .contains(
            "CreateTrainingJob.RoleArn: required",
            "CreateTrainingJob.Nonsense: unknown",
            "CreateTrainingJob.InputDataConfig: 0 is less than 1",
            "CreateTrainingJob.ResourceConfig.InstanceCount: must be a whole number",
            "CreateTrainingJob.ResourceConfig.InstanceType: 'ml.none.large' is none of the values")
        .anyMatch(problem -> problem.startsWith("CreateTrainingJob.TrainingJobName: 'a_b'"))
        .anyMatch(problem -> problem.startsWith("CreateTrainingJob.Environment.1A (key)"));
    assertThat(problems("ListTrainingJobs", "{'MaxResults':101}"))
        .containsExactly("ListTrainingJobs.MaxResults: 101 is more than 100");
    assertThat(problems("Invent", "{}")).containsExactly("unknown operation Invent");
  }

  private static List<String> problems(String operation, String request)
      throws JsonProcessingException {
    return ServiceModel.problems(
        operation, new ObjectMapper().readTree(request.replace('\'', '"')));
  }
}
