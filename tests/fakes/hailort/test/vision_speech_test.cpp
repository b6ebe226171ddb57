// Language models that see, and speech recognition.
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::MemoryView;
using hailort::genai::LLM;
using hailort::genai::Speech2Text;
using hailort::genai::Speech2TextTask;
using hailort::genai::VLM;
using Status = hailort::genai::LLMGeneratorCompletion::Status;
using std::chrono::steady_clock;

constexpr const char* kOnePicture = "<|im_start|>user\n<|image_pad|>what?<|im_end|>\n";

class FakeVlm : public FakeBench {
 protected:
  VLM make() { return VLM::create(mine_, {model("seer")}).release(); }
  std::string answer(VLM& vlm, const std::string& prompt, std::size_t pictures) {
    auto generator = vlm.create_generator().release();
    auto completion =
        generator.generate(prompt, std::vector(pictures, MemoryView(picture_.data(), 9408)));
    if (!completion) return "status " + std::to_string(completion.status());
    std::string text;
    while (completion->generation_status() == Status::GENERATING) {
      const auto piece = completion->read(60s);
      if (!piece) return "status " + std::to_string(piece.status());
      text += *piece;
    }
    return text;
  }

  std::shared_ptr<hailort::VDevice> mine_ = vdevice();
  std::vector<std::uint8_t> picture_ = std::vector<std::uint8_t>(9408, 7);
};

TEST_F(FakeVlm, Says_what_it_sees) {
  auto vlm = make();
  EXPECT_EQ(vlm.input_frame_size(), 9408U);
  EXPECT_EQ(vlm.input_frame_shape().height, 56U);
  EXPECT_EQ(vlm.input_frame_format_type(), HAILO_FORMAT_TYPE_UINT8);
  EXPECT_EQ(vlm.input_frame_format_order(), HAILO_FORMAT_ORDER_NHWC);
  EXPECT_EQ(answer(vlm, kOnePicture, 1), "I see<|im_end|>");
  // A picture of 56 x 56 is four tokens, of which one is in the text.
  EXPECT_EQ(*vlm.get_context_usage_size(), vlm.tokenize(kOnePicture)->size() + 3 + 3);
}

TEST_F(FakeVlm, A_wrong_number_of_pictures_shows_in_the_first_read_only) {
  auto vlm = make();
  EXPECT_EQ(answer(vlm, kOnePicture, 2), "status 6");
}

TEST_F(FakeVlm, A_picture_of_a_wrong_size_is_refused) {
  auto vlm = make();
  auto generator = vlm.create_generator().release();
  const auto completion = generator.generate(kOnePicture, {MemoryView(picture_.data(), 100)});
  EXPECT_EQ(completion.status(), HAILO_INVALID_OPERATION);
}

TEST_F(FakeVlm, It_and_a_language_model_exclude_each_other) {
  auto vlm = make();
  EXPECT_EQ(LLM::create(mine_, {model("talker")}).status(), HAILO_COMMUNICATION_CLOSED);
}

TEST_F(FakeVlm, Kinds_are_not_mixed_up) {
  EXPECT_EQ(VLM::create(mine_, {model("talker")}).status(), HAILO_NOT_FOUND);
  EXPECT_EQ(Speech2Text::create(mine_, {model("talker")}).status(), HAILO_NOT_FOUND);
  EXPECT_EQ(LLM::create(mine_, {folder.path("none.hef")}).status(), HAILO_OPEN_FILE_FAILURE);
}

class FakeSpeech : public FakeBench {
 protected:
  Speech2Text make() { return Speech2Text::create(mine_, {model("ears")}).release(); }
  std::vector<float> audio(int seconds) const {
    return std::vector<float>(static_cast<std::size_t>(seconds) * 16000);
  }
  static MemoryView view(std::vector<float>& audio) {
    return {audio.data(), audio.size() * sizeof(float)};
  }

  std::shared_ptr<hailort::VDevice> mine_ = vdevice();
};

TEST_F(FakeSpeech, Hears_in_windows) {
  auto ears = make();
  auto params = ears.create_generator_params().release();
  params.set_language("de");
  params.set_task(Speech2TextTask::TRANSLATE);
  auto sound = audio(25);
  const auto segments = ears.generate_all_segments(view(sound), params, 60s);
  ASSERT_TRUE(segments);
  ASSERT_EQ(segments->size(), 3U);
  EXPECT_EQ(segments->at(2).start_sec, 20);
  EXPECT_EQ(segments->at(2).end_sec, 25);
  EXPECT_EQ(segments->at(2).text, "de translate part 3 of 3");
}

TEST_F(FakeSpeech, Wrong_requests_are_refused) {
  auto ears = make();
  auto params = ears.create_generator_params().release();
  EXPECT_EQ(ears.generate_all_segments(MemoryView(), params, 60s).status(), HAILO_INVALID_ARGUMENT);
  auto sound = audio(1);
  params.set_language("german");
  EXPECT_EQ(ears.generate_all_segments(view(sound), params, 60s).status(), HAILO_INVALID_ARGUMENT);
  params.set_language("");
  EXPECT_EQ(ears.generate_all_segments(view(sound), params, 60s)->at(0).text,
            "auto transcribe part 1 of 1");
  params.set_repetition_penalty(0);
  EXPECT_EQ(ears.generate_all_segments(view(sound), params, 60s).status(), HAILO_INVALID_ARGUMENT);
}

TEST_F(FakeSpeech, The_time_is_ignored_before_5_3) {
  auto ears = make();
  auto sound = audio(30);
  EXPECT_TRUE(ears.generate_all_segments(view(sound), *ears.create_generator_params(), 1ms));
}

TEST_F(FakeSpeech, In_5_3_it_is_told_when_all_is_over) {
  mine_.reset();
  set("HAILO_FAKE_VERSION", "5.3.0");
  mine_ = vdevice();
  auto ears = make();
  auto sound = audio(30);
  const auto begin = steady_clock::now();
  EXPECT_EQ(ears.generate_all_segments(view(sound), *ears.create_generator_params(), 1ms).status(),
            HAILO_TIMEOUT);
  EXPECT_GE(steady_clock::now() - begin, 90ms);  // three windows of 30 ms
}

TEST_F(FakeSpeech, Two_of_them_and_a_language_model_are_friends) {
  auto one = make();
  auto two = make();
  auto llm = LLM::create(mine_, {model("talker")});
  EXPECT_TRUE(llm);
  auto sound = audio(1);
  EXPECT_TRUE(two.generate_all_segments(view(sound), *two.create_generator_params(), 60s));
}

}  // namespace
}  // namespace npu::fakes
