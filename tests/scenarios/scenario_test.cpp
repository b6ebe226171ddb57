// Runs every scenario of this folder, and checks that a scenario can fail.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenario.hpp"
#include "simulation.hpp"

namespace npu::scenario {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const char* source = std::getenv("NPU_SOURCE_DIR");
  return source ? fs::path(source) / "tests/scenarios" : fs::path(".");
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

// What does not hold of a scenario, one line each; or why it cannot be read.
std::string faults(const std::string& text) {
  const Result<Scenario> scenario = parse(text);
  if (!scenario) return scenario.error().message;
  const Report report = run(*scenario);
  std::string all;
  for (const Expectation& expectation : scenario->expectations) {
    const std::string fault = check(expectation, *scenario, report);
    if (!fault.empty()) {
      all += "line " + std::to_string(expectation.line) + ": " + expectation.text + ": " + fault +
             "\n";
    }
  }
  return all;
}

class Scenarios : public ::testing::TestWithParam<std::string> {};

TEST_P(Scenarios, Hold) {
  std::ifstream file(folder() / (GetParam() + ".txt"));
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(faults(text.str()), "");
}

INSTANTIATE_TEST_SUITE_P(All, Scenarios, ::testing::ValuesIn(scenario_names()),
                         [](const auto& scenario) { return scenario.param; });

const std::string kOne =
    "device cpu\n"
    "model yolo class=tensor run=10ms resident\n"
    "0ms camera infer yolo\n";

TEST(Grammar, An_expectation_that_does_not_hold_is_told_with_what_was_found) {
  EXPECT_EQ(faults(kOne + "expect camera ok = 1"), "");
  EXPECT_EQ(faults(kOne + "expect camera ok = 2"), "line 4: expect camera ok = 2: found 1\n");
  EXPECT_EQ(faults(kOne + "expect camera max < 10ms"),
            "line 4: expect camera max < 10ms: found 0.01\n");
}

TEST(Grammar, What_it_does_not_have_is_an_error) {
  for (const std::string line :
       {"frobnicate", "device tpu", "device cpu colour=red", "model x class=audio",
        "model x size=1", "model yolo class=tensor", "option speed=1", "0ms camera dance yolo",
        "0ms camera infer nobody", "0ms camera infer yolo mood=good",
        "0ms camera infer yolo deadline=soon", "every 0ms c infer yolo", "0ms crash nothing",
        "0ms hang nobody", "expect camera ok ~ 1", "expect camera ok = many"}) {
    EXPECT_EQ(faults(kOne + line + "\nexpect camera ok = 1").substr(0, 7), "line 4:") << line;
  }
}

TEST(Grammar, An_expectation_about_nothing_does_not_hold) {
  for (const std::string line :
       {"expect nobody ok = 1", "expect camera mood = 1", "expect model x loads = 0",
        "expect rain = 0", "expect camera error typo = 0"}) {
    EXPECT_NE(faults(kOne + line), "") << line;
  }
}

TEST(Grammar, A_scenario_that_expects_nothing_is_an_error) { EXPECT_NE(faults(kOne), ""); }

}  // namespace
}  // namespace npu::scenario
