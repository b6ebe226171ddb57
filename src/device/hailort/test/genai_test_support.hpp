// Generative models on the fake of HailoRT: one chip for all tests of the program, which has the
// version that HAILO_FAKE_VERSION names.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "device/hailort/chip/chip.hpp"

#include "fakes/hailort/fake_hef.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::hailort {

// Waits in real time, and can be cancelled from any thread.
class TestContext final : public RunContext {
 public:
  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }
  bool waits = true;                  // false: no wait takes time
  std::function<void()> on_wait;      // before each wait
  std::function<void()> on_question;  // before each answer to cancelled()

  bool cancelled() override {
    if (on_question) on_question();
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }
  bool wait_until(SteadyTime when) override {
    if (on_wait) on_wait();
    std::unique_lock lock(mutex_);
    if (!waits) return !cancelled_;
    return !changed_.wait_until(lock, when, [this] { return cancelled_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
};

class GenaiTest : public testing::Test {
 protected:
  static constexpr const char* kProfile = R"(
name: chip
architecture: HAILO10H
firmware: 5.2.0
memory_mb: 4000
group_release: true
models:
  talker:
    kind: text
    size_mb: 10
    first_token_ms: 400
    tokens_per_second: 20
    context: 60
    end_text: "<|im_end|>"
    script: ["one two three four five six seven eight nine ten"]
    hef: {chat_template: "{{ messages }}"}
  chooser: {kind: text, size_mb: 10, context: 60, end_text: "<|im_end|>", script: [zero, one, two]}
  slow: {kind: text, size_mb: 10, first_token_ms: 6000, tokens_per_second: 2, context: 60, script: [a b c d e f g h]}
  endless: {kind: text, size_mb: 10, context: 4000, script: [LONG]}
  seer:
    kind: text
    size_mb: 20
    context: 400
    frame: {dtype: uint8, shape: [56, 56, 3]}
    end_text: "<|im_end|>"
    script: [a cat]
  ear: {kind: speech, size_mb: 5, first_token_ms: 5, window_s: 10}
  slow-ear: {kind: speech, size_mb: 5, first_token_ms: 200, window_s: 10, script: [a]}
  huge: {kind: text, size_mb: 9000}
  eye: {kind: tensor, inputs: [{dtype: uint8, shape: [1]}], outputs: [{dtype: uint8, shape: [1]}]}
)";

  static void SetUpTestSuite() {
    if (dir_) return;
    dir_ = std::make_unique<fakes::TempDir>();
    std::string profile = kProfile;
    std::string words = "w";
    for (int i = 1; i < 1500; ++i) words += " w";
    profile.replace(profile.find("LONG"), 4, '"' + words + '"');
    ::setenv("HAILO_FAKE_PROFILE", dir_->file("profile.yaml", profile).c_str(), 1);
    ::setenv("HAILO_SIM_FAULTS", dir_->path("faults.yaml").c_str(), 1);
    ::setenv("HAILO_FAKE_TIME_SCALE", "0.1", 1);
    ::unsetenv("HAILO_SIM_STATE");
    for (const char* stem :
         {"talker", "chooser", "slow", "endless", "seer", "ear", "slow-ear", "huge", "eye"}) {
      file(stem, "");
    }
    dir_->file("broken.hef", "no HEF at all");
  }

  void SetUp() override {
    fault("[]");
    auto chip = Chip::open({});
    // A test before may have restarted it.
    for (int i = 0; i < 500 && !chip && chip.error().code == ErrorCode::kUnavailable; ++i) {
      ASSERT_TRUE(context_.wait_until(std::chrono::steady_clock::now() + Millis(20)));
      chip = Chip::open({});
    }
    ASSERT_TRUE(chip) << chip.error().message;
    chip_ = std::move(*chip);
  }

  // Writes a HEF file with this description, empty for the profile's model of that name.
  static ModelFile file(const std::string& stem, const std::string& description) {
    return {dir_->file(stem + ".hef", fakes::hef(description))};
  }
  static ModelFile file(const std::string& stem) { return {dir_->path(stem + ".hef")}; }

  // faults: a list in YAML. Each call makes new ones of them.
  static void fault(std::string faults) {
    static int number = 0;
    if (const auto brace = faults.find('{'); brace != std::string::npos) {
      faults.insert(brace + 1, "id: n" + std::to_string(++number) + ", ");
    }
    dir_->file("faults.yaml", "faults: " + faults + "\n");
  }
  static bool version_is(std::string_view version) {
    const char* set = std::getenv("HAILO_FAKE_VERSION");
    return (set != nullptr ? std::string_view(set) : "5.2.0") == version;
  }

  static inline std::unique_ptr<fakes::TempDir> dir_;
  std::shared_ptr<Chip> chip_;
  TestContext context_;
};

}  // namespace npu::device::hailort
