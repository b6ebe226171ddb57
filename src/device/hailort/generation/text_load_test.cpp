// Loading language models, against the fake of HailoRT.
#include <filesystem>

#include <fcntl.h>

#include <gmock/gmock.h>

#include "base/unique_fd.hpp"
#include "device/hailort/generation/text_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A program on a made-up machine that has the device open.
class AnotherProgram {
 public:
  explicit AnotherProgram(const fakes::TempDir& dir) {
    namespace fs = std::filesystem;
    const fs::path proc = dir.path("proc");
    const fs::path node = dir.path("sys/class/hailo1x/h1x-0");
    fs::remove_all(proc);
    fs::create_directories(proc / "812/fd");
    fs::create_directories(node);
    std::ofstream(proc / "812/comm") << "hailo-ollama\n";
    std::ofstream(node / "dev") << "1000:7\n";
    fs::create_symlink("/dev/h1x-0", proc / "812/fd/9");
    ::setenv("HAILO_PROC_ROOT", proc.c_str(), 1);
    ::setenv("HAILO_SYSFS_ROOT", dir.path("sys").c_str(), 1);
  }
  ~AnotherProgram() {
    ::unsetenv("HAILO_PROC_ROOT");
    ::unsetenv("HAILO_SYSFS_ROOT");
  }
  AnotherProgram(const AnotherProgram&) = delete;
  AnotherProgram& operator=(const AnotherProgram&) = delete;
};

TEST_F(HailortText, Tells_what_the_model_is) {
  const auto model = load("talker");
  EXPECT_FALSE(model->frame());
  EXPECT_EQ(model->context_length(), 60);
  EXPECT_EQ(model->chat_template(), "{{ messages }}");
  EXPECT_EQ(model->count_tokens("12345678").value(), 2);
  EXPECT_EQ(model->count_tokens("").value(), 0);
}

TEST_F(HailortText, Of_a_file_with_adapters_the_base_is_loaded_and_no_choice_is_guessed) {
  const auto describe = [](const std::string& groups) {
    return "kind: text\nsize_mb: 1\ncontext: 60\nscript: [hi]\nhef: {groups: [" + groups + "]}\n";
  };
  EXPECT_TRUE(load_text_model(
      chip_,
      file("based", describe("q__base_model__prefill, q__base_model__tbt, l__prefill, l__tbt")),
      context_));
  EXPECT_TRUE(load_text_model(chip_, file("single", describe("l__prefill, l__tbt")), context_));
  const auto several = load_text_model(
      chip_, file("several", describe("l__prefill, l__tbt, m__prefill, m__tbt")), context_);
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(several.error().message, HasSubstr("l, m"));
}

TEST_F(HailortText, A_file_that_came_as_a_descriptor_is_loaded_from_it) {
  const UniqueFd fd(::open(file("talker").path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(load_text_model(chip_, {"/not/here.hef", fd.get()}, context_));
}

TEST_F(HailortText, Models_of_other_kinds_and_broken_files_are_refused) {
  const auto code = [this](const std::string& stem) {
    const auto model = load_text_model(chip_, file(stem), context_);
    EXPECT_FALSE(model) << stem;
    return model ? ErrorCode::kInternal : model.error().code;
  };
  EXPECT_EQ(code("eye"), ErrorCode::kUnsupported);
  EXPECT_EQ(code("ear"), ErrorCode::kUnsupported);
  EXPECT_EQ(code("broken"), ErrorCode::kMalformed);
  EXPECT_EQ(code("nowhere"), ErrorCode::kNotFound);
  EXPECT_EQ(code("huge"), ErrorCode::kDoesNotFit);
}

TEST_F(HailortText, A_model_that_this_process_has_just_dropped_makes_room_for_the_next) {
  for (const char* stem : {"talker", "seer", "chooser", "talker"}) {
    auto model = load(stem);
    ASSERT_TRUE(model);
  }
}

TEST_F(HailortText, A_language_model_of_somebody_else_is_busy_and_says_so) {
  if (version_is("5.1.1")) GTEST_SKIP() << "nothing guards the cache";
  const auto other = other_holder();
  const AnotherProgram visible(*dir_);
  context_.waits = false;
  const auto model = load_text_model(chip_, file("talker"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kBusy);
  EXPECT_THAT(model.error().message,
              StartsWith("the KV cache of the device is held by another process"));
  EXPECT_THAT(model.error().message,
              HasSubstr(version_is("5.3.0") ? "HAILO_INVALID_OPERATION (6)"
                                            : "HAILO_COMMUNICATION_CLOSED (62)"));
  EXPECT_TRUE(chip_->alive());
}

TEST_F(HailortText, Where_nothing_guards_the_cache_another_program_on_the_device_keeps_it) {
  const AnotherProgram visible(*dir_);
  context_.waits = false;
  const auto model = load_text_model(chip_, file("talker"), context_);
  if (version_is("5.1.1")) {
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, ErrorCode::kBusy);
    EXPECT_THAT(model.error().message, HasSubstr("the device is open in hailo-ollama (812)"));
  } else {
    EXPECT_TRUE(model) << model.error().message;
  }
}

TEST_F(HailortText, A_device_that_is_held_for_a_moment_is_asked_again) {
  const auto stays = chip_->device_connection();  // so that the simulated chip does, and its faults
  context_.waits = false;
  int waits = 0;
  context_.on_wait = [&] { ++waits; };
  fault("[{op: connect, model: vdevice, kind: status, status: 74, times: 2}]");
  EXPECT_TRUE(load("talker"));
  EXPECT_EQ(waits, 2);
}

TEST_F(HailortText, A_good_load_shows_that_time_outs_are_over) {
  for (int i = 0; i < 2; ++i) {
    (void)chip_->error_of(HAILO_TIMEOUT, Operation::kRun, "waiting");
    (void)chip_->error_of(HAILO_TIMEOUT, Operation::kRun, "waiting");
    EXPECT_TRUE(load("talker"));
  }
  EXPECT_TRUE(chip_->alive());
}

TEST_F(HailortText, One_that_could_not_be_sent_in_time_costs_this_process_its_chip) {
  fault("[{op: load, kind: status, status: 4}]");
  const auto model = load_text_model(chip_, file("talker"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(model.error().message, HasSubstr("HAILO_TIMEOUT (4)"));
  EXPECT_FALSE(chip_->alive());
}

TEST_F(HailortText, The_reply_to_opening_the_device_may_be_missed) {
  const auto stays = chip_->device_connection();
  fault("[{op: connect, model: vdevice, kind: status, status: 4}]");
  EXPECT_TRUE(load_text_model(chip_, file("talker"), context_));
}

TEST_F(HailortText, What_breaks_off_the_sending_is_perhaps_a_lack_of_room) {
  const auto model = load_text_model(chip_, file("huge"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDoesNotFit);
  EXPECT_TRUE(model.error().retry_after);
  EXPECT_THAT(model.error().message, HasSubstr("HAILO_INTERNAL_FAILURE (8); perhaps"));
}

// Each on a chip of its own: the KV cache of a model that was not loaded is free again a little
// later, and here nobody waits.
class HailortTextTooManyCoreOps : public HailortText,
                                  public testing::WithParamInterface<const char*> {};

TEST_P(HailortTextTooManyCoreOps, Ask_for_room) {
  context_.waits = false;
  const std::string body = "kind: text\nsize_mb: 1\nscript: [hi]\nhef: {core_ops: 27}\n";
  const auto model = load_text_model(chip_, file("many", body + GetParam()), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kDoesNotFit);
  EXPECT_THAT(model.error().message, HasSubstr("core-ops"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, HailortTextTooManyCoreOps,
                         testing::Values("", "frame: {dtype: uint8, shape: [56, 56, 3]}\n"));

TEST_F(HailortText, When_somebody_else_lets_go_the_model_is_loaded) {
  if (version_is("5.1.1")) GTEST_SKIP() << "nothing guards the cache";
  auto other = other_holder();
  context_.on_wait = [&] { other.reset(); };
  EXPECT_TRUE(load_text_model(chip_, file("talker"), context_));
  EXPECT_FALSE(other);
}

TEST_F(HailortText, Waiting_for_the_cache_can_be_cancelled) {
  if (version_is("5.1.1")) GTEST_SKIP() << "nothing guards the cache";
  const auto other = other_holder();
  context_.on_wait = [&] { context_.cancel(); };
  const auto model = load_text_model(chip_, file("talker"), context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace npu::device::hailort
#include "device/hailort/generation/text_load.hpp"
