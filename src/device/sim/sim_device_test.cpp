#include <cmath>

#include <gtest/gtest.h>

#include "device/sim/fill.hpp"
#include "device/sim/open.hpp"
#include "fakes/fake_device.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device {
namespace {

using namespace std::chrono_literals;
using fakes::elements_of;

constexpr const char* kProfile = R"(
name: test
architecture: TEST
firmware: "1"
memory_mb: 100
group_release: GROUP
temperature_celsius: 40
models:
  eye:
    kind: tensor
    size_mb: 10
    load_ms: 50
    fps: {1: 100, 8: 400}
    inputs: [{name: in, dtype: uint8, shape: [2, 2, 3]}]
    outputs: [{name: a, dtype: float32, shape: [2]}, {name: b, dtype: uint8, shape: [3], fill: 7}]
  large: {kind: tensor, size_mb: 95, inputs: [{dtype: uint8, shape: [1]}], outputs: [{dtype: uint8, shape: [1]}]}
  talker:
    kind: text
    size_mb: 60
    load_ms: 1000
    first_token_ms: 300
    tokens_per_second: 10
    context: 100
    frame: {dtype: uint8, shape: [1, 1, 3]}
    end_text: "<|im_end|>"
    script: ["one two three"]
  echo: {kind: text, size_mb: 1}
  ear: {kind: speech, size_mb: 5, first_token_ms: 100, tokens_per_second: 10, window_s: 10, script: [a b, c]}
  plain-ear: {kind: speech, size_mb: 5}
faults: FAULTS
)";

class SimTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"eye", "large", "talker", "echo", "ear", "plain-ear", "other"}) {
      dir_.file(std::string(name) + ".hef", "x");
    }
    device_ = open();
  }

  std::unique_ptr<Device> open(std::string faults = "[]", std::string state = "",
                               std::string group = "false") {
    std::string text = kProfile;
    text.replace(text.find("FAULTS"), 6, faults);
    text.replace(text.find("GROUP"), 5, group);
    auto device = open_sim({.sim_profile = dir_.file("profile.yaml", text),
                            .sim_state = std::move(state),
                            .clock = &clock_});
    EXPECT_TRUE(device) << device.error().message;
    return device ? std::move(*device) : nullptr;
  }

  ModelFile file(const std::string& name) const { return {dir_.path(name + ".hef")}; }
  auto load(const std::string& name, int batch = 1) {
    return device_->load_tensor(file(name), {.batch = batch}, context_);
  }
  std::uint64_t used() { return device_->telemetry().memory_used_bytes.value(); }

  struct Ran {
    Status status;
    std::vector<float> a;
    std::vector<std::uint8_t> b;
  };
  Ran run(TensorModel& eye, std::uint8_t pixel = 1) {
    const auto picture =
        fakes::make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, pixel));
    Ran ran{{}, std::vector<float>(2), std::vector<std::uint8_t>(3)};
    const TensorView in = picture.view();
    const MutableTensorView outs[] = {
        {DType::kFloat32, {2}, std::as_writable_bytes(std::span(ran.a))},
        {DType::kUint8, {3}, std::as_writable_bytes(std::span(ran.b))}};
    ran.status = eye.run(std::span(&in, 1), outs, context_);
    return ran;
  }

  fakes::TempDir dir_;
  FakeClock clock_;
  fakes::FakeContext context_{&clock_};
  std::unique_ptr<Device> device_;
};

TEST_F(SimTest, Says_what_its_profile_says) {
  const auto info = device_->info();
  EXPECT_EQ(info.id, "sim:test");
  EXPECT_EQ(info.architecture, "TEST");
  EXPECT_EQ(info.memory_bytes, 100'000'000U);
  EXPECT_EQ(device_->telemetry().temperature_celsius, 40);
}

TEST_F(SimTest, Loading_and_running_take_their_time) {
  const auto start = clock_.now();
  auto eye = load("eye");
  ASSERT_TRUE(eye) << eye.error().message;
  EXPECT_EQ(clock_.now() - start, 50ms);
  ASSERT_TRUE(run(**eye).status);
  EXPECT_EQ(clock_.now() - start, 60ms);
  auto batched = load("eye", 8);
  ASSERT_TRUE(batched);
  EXPECT_EQ((*batched)->inputs()[0].shape, (Shape{8, 2, 2, 3}));
  EXPECT_EQ((*batched)->outputs()[0].shape, (Shape{8, 2}));
}

TEST_F(SimTest, Outputs_follow_from_the_input) {
  auto eye = load("eye");
  ASSERT_TRUE(eye);
  const auto one = run(**eye, 1);
  const auto again = run(**eye, 1);
  const auto other = run(**eye, 2);
  EXPECT_EQ(one.a, again.a);
  EXPECT_NE(one.a, other.a);
  EXPECT_EQ(one.b, std::vector<std::uint8_t>(3, 7));
  const auto picture =
      fakes::make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, 1));
  const TensorView view = picture.view();
  EXPECT_FLOAT_EQ(one.a[0],
                  static_cast<float>(sim::checksum("eye", std::span(&view, 1)) % 1000) / 1000);
}

TEST_F(SimTest, Runs_wait_for_the_running_token_and_follow_each_other_if_they_have_arrived) {
  for (const bool arrived : {false, true}) {
    auto eye = load("eye");
    auto talker = device_->load_text(file("talker"), context_);
    ASSERT_TRUE(eye && talker);
    const auto start = clock_.now();
    std::vector<Duration> done;
    context_.let_another_wait(arrived);
    const auto see = [&](std::string_view) {
      while (done.size() < 2) {
        EXPECT_TRUE(run(**eye).status);
        done.push_back(clock_.now() - start);
      }
      return true;
    };
    ASSERT_TRUE((*talker)->generate({.prompt = "hello"}, see, context_));
    EXPECT_EQ(done, (std::vector<Duration>{410ms, arrived ? 420ms : 510ms}));
  }
}

TEST_F(SimTest, A_text_comes_token_by_token_at_its_rate) {
  auto talker = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(talker);
  const auto start = clock_.now();
  std::vector<std::pair<std::string, Duration>> pieces;
  const auto result = (*talker)->generate(
      {.prompt = "hello"},
      [&](std::string_view piece) {
        pieces.emplace_back(piece, clock_.now() - start);
        return true;
      },
      context_);
  ASSERT_TRUE(result);
  EXPECT_EQ(pieces,
            (std::vector<std::pair<std::string, Duration>>{
                {"one", 300ms}, {" two", 400ms}, {" three", 500ms}, {"<|im_end|>", 500ms}}));
  EXPECT_EQ(result->stop, StopReason::kEndOfText);
  EXPECT_EQ(result->tokens, 3);
  EXPECT_EQ(result->prompt_tokens, 2);
}

TEST_F(SimTest, A_kept_context_is_gone_on_from_and_spares_reading_the_prompt) {
  auto model = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(model);
  std::optional<SteadyTime> first;
  const auto say = [&](TextRequest request) {
    first.reset();
    const SteadyTime begin = clock_.now();
    const auto done = (*model)->generate(
        request,
        [&](std::string_view) {
          if (!first) first = clock_.now();
          return true;
        },
        context_);
    EXPECT_TRUE(done) << done.error().message;
    return *first - begin;
  };
  const std::string kLong(100, 'x');  // 25 tokens
  EXPECT_EQ(say({.prompt = kLong, .keep = true}), 300ms);
  const auto saved = (*model)->save_context();
  ASSERT_TRUE(saved);
  EXPECT_EQ(say({.prompt = "more", .resume = true, .keep = true}), 100ms) << "a token at least";
  EXPECT_EQ(say({.prompt = kLong}), 300ms);
  ASSERT_TRUE((*model)->load_context(*saved));
  EXPECT_EQ(say({.prompt = "more", .resume = true}), 100ms);
  const std::vector<std::byte> kOther(20);
  EXPECT_EQ((*model)->load_context(kOther).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SimTest, A_kept_context_takes_room_from_the_next_prompt) {
  auto model = device_->load_text(file("talker"), context_);
  const auto more = [](std::string_view) { return true; };
  const std::string kLong(300, 'x');  // 75 of 100 tokens
  ASSERT_TRUE((*model)->generate({.prompt = kLong, .keep = true}, more, context_));
  const auto full = (*model)->generate({.prompt = kLong, .resume = true}, more, context_);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SimTest, A_text_ends_at_the_token_limit_and_on_cancellation) {
  auto talker = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(talker);
  std::string text;
  const auto add = [&](std::string_view piece) {
    text += piece;
    return true;
  };
  auto result =
      (*talker)->generate({.prompt = "hello", .sampling = {.max_tokens = 2}}, add, context_);
  EXPECT_EQ(result->stop, StopReason::kMaxTokens);
  EXPECT_EQ(text, "one two<|im_end|>");
  text.clear();
  context_.cancel_after(2);
  result = (*talker)->generate({.prompt = "hello"}, add, context_);
  EXPECT_EQ(result->stop, StopReason::kCancelled);
  EXPECT_EQ(text, "one");
}

TEST_F(SimTest, A_text_ends_when_the_listener_has_enough) {
  auto talker = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(talker);
  std::string text;
  const auto result = (*talker)->generate(
      {.prompt = "hello"},
      [&](std::string_view piece) {
        text += piece;
        return text != "one two";
      },
      context_);
  EXPECT_EQ(result->stop, StopReason::kEndOfText);
  EXPECT_EQ(text, "one two");
  EXPECT_EQ(result->tokens, 2);
}

TEST_F(SimTest, A_prompt_over_the_context_is_refused) {
  auto talker = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(talker);
  const auto result =
      (*talker)->generate({.prompt = std::string(401, 'x')}, [](auto) { return true; }, context_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the prompt has 101 tokens, the model's context holds 100");
}

TEST_F(SimTest, Without_a_script_a_model_says_what_it_was_told) {
  auto echo = device_->load_text(file("echo"), context_);
  ASSERT_TRUE(echo);
  std::string text;
  ASSERT_TRUE((*echo)->generate(
      {.prompt = "<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n"},
      [&](std::string_view piece) {
        text += piece;
        return true;
      },
      context_));
  EXPECT_EQ(text, "Hi there");
}

TEST_F(SimTest, Speech_has_a_segment_for_each_window) {
  auto ear = device_->load_speech(file("ear"), context_);
  ASSERT_TRUE(ear);
  const auto start = clock_.now();
  std::vector<Segment> segments;
  const std::vector<float> audio(16000 * 25);
  ASSERT_TRUE((*ear)->transcribe(
      audio, "en", SpeechTask::kTranscribe,
      [&](const Segment& segment) { segments.push_back(segment); }, context_));
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[1].start, 10);
  EXPECT_EQ(segments[2].end, 25);
  EXPECT_EQ(segments[0].text, "a b");
  EXPECT_EQ(segments[1].text, "c");
  EXPECT_EQ(clock_.now() - start, 3 * 100ms + 5 * 100ms);
}

TEST_F(SimTest, Speech_without_a_script_repeats_how_it_was_asked) {
  auto ear = device_->load_speech(file("plain-ear"), context_);
  ASSERT_TRUE(ear);
  std::string text;
  ASSERT_TRUE((*ear)->transcribe(
      std::vector<float>(16000), "de", SpeechTask::kTranslate,
      [&](const Segment& segment) { text += segment.text; }, context_));
  EXPECT_EQ(text, "de translate part 1 of 1");
}

TEST_F(SimTest, Memory_is_taken_by_loading_and_given_back_by_unloading) {
  auto eye = load("eye");
  ASSERT_TRUE(eye);
  EXPECT_EQ(used(), 10'000'000U);
  EXPECT_EQ(load("large").error().code, ErrorCode::kDoesNotFit);
  eye->reset();
  EXPECT_EQ(used(), 0U);
  EXPECT_TRUE(load("large"));
}

TEST_F(SimTest, With_group_release_only_the_group_gives_memory_back) {
  device_ = open("[]", "", "true");
  auto eye = load("eye");
  ASSERT_TRUE(eye);
  eye->reset();
  EXPECT_EQ(used(), 10'000'000U);
  eye = load("eye");  // the same file again costs nothing
  ASSERT_TRUE(eye);
  EXPECT_EQ(used(), 10'000'000U);
  EXPECT_EQ(load("large").error().code, ErrorCode::kDoesNotFit);
  eye->reset();
  ASSERT_TRUE(device_->release_group());
  EXPECT_EQ(used(), 0U);
  EXPECT_TRUE(load("large"));
}

TEST_F(SimTest, One_language_model_at_a_time_also_across_lanes) {
  const std::string state = dir_.path("chip");
  device_ = open("[]", state);
  const auto other = open("[]", state);
  auto talker = device_->load_text(file("talker"), context_);
  ASSERT_TRUE(talker);
  EXPECT_EQ(other->load_text(file("echo"), context_).error().code, ErrorCode::kBusy);
  EXPECT_EQ(device_->load_text(file("echo"), context_).error().code, ErrorCode::kBusy);
  EXPECT_TRUE(other->load_speech(file("ear"), context_));
  talker->reset();
  EXPECT_TRUE(other->load_text(file("echo"), context_));
}

TEST_F(SimTest, Vision_waits_for_the_running_token_and_no_longer) {
  const std::string state = dir_.path("chip");
  device_ = open("[]", state);
  const auto other = open("[]", state);
  auto talker = device_->load_text(file("talker"), context_);
  auto eye = other->load_tensor(file("eye"), {}, context_);
  ASSERT_TRUE(talker && eye);
  std::vector<Duration> took;
  ASSERT_TRUE((*talker)->generate(
      {.prompt = "hello"},
      [&](std::string_view) {
        if (!took.empty()) return true;
        clock_.advance(40ms);  // into the next token
        const auto start = clock_.now();
        EXPECT_TRUE(run(**eye).status);
        took.push_back(clock_.now() - start);
        return true;
      },
      context_));
  EXPECT_EQ(took, (std::vector<Duration>{60ms + 10ms}));
}

TEST_F(SimTest, Files_and_kinds_that_do_not_fit_are_typed_errors) {
  EXPECT_EQ(device_->load_tensor({dir_.path("none.hef")}, {}, context_).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(load("other").error().message, "the simulated test has no tensor model 'other'");
  EXPECT_EQ(load("talker").error().message, "'talker' is a text model and not a tensor model");
  EXPECT_EQ(device_->load_tensor({dir_.file("eye.hef", "")}, {}, context_).error().code,
            ErrorCode::kMalformed);
}

TEST_F(SimTest, Faults_come_where_they_were_ordered) {
  device_ = open(R"([{op: load, kind: out_of_memory}, {op: load, kind: error, after: 1},
                     {op: infer, kind: wrong_output}, {op: infer, kind: wrong_output, value: zero, after: 1},
                     {op: infer, kind: device_lost, after: 2}, {op: infer, kind: slow, delay_ms: 500, after: 3},
                     {op: infer, kind: error, after: 4}, {op: release_group, kind: error},
                     {op: telemetry, kind: error}])");
  EXPECT_EQ(load("eye").error().code, ErrorCode::kDoesNotFit);
  EXPECT_EQ(load("eye").error().code, ErrorCode::kMalformed);
  auto eye = load("eye");
  ASSERT_TRUE(eye) << eye.error().message;
  EXPECT_TRUE(std::isnan(run(**eye).a[0]));
  EXPECT_EQ(run(**eye).a[0], 0);
  EXPECT_EQ(run(**eye).status.error().code, ErrorCode::kDeviceLost);
  const auto start = clock_.now();
  EXPECT_TRUE(run(**eye).status);
  EXPECT_EQ(clock_.now() - start, 510ms);
  EXPECT_EQ(run(**eye).status.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(run(**eye).status);
  EXPECT_FALSE(device_->release_group());
  EXPECT_FALSE(device_->telemetry().memory_used_bytes);
}

}  // namespace
}  // namespace npu::device
