// Language models.
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::genai::LLM;
using hailort::genai::LLMGeneratorParams;
using hailort::genai::LLMParams;
using Status = hailort::genai::LLMGeneratorCompletion::Status;
using std::chrono::steady_clock;

class FakeLlm : public FakeBench {
 protected:
  LLM make(const std::string& stem, const std::string& body = {}) {
    mine_ = mine_ != nullptr ? mine_ : vdevice();
    auto made = LLM::create(mine_, LLMParams(model(stem, body)));
    if (!made) {
      ADD_FAILURE() << "no LLM: " << made.status();
      std::abort();
    }
    return made.release();
  }
  static LLMGeneratorParams params(std::uint32_t max_tokens) {
    return {0.7F, 0.8F, 20, 1.1F, max_tokens, true, 5};
  }
  // Everything that it says, one piece in brackets each.
  static std::string answer(LLM& llm, const std::string& prompt, std::uint32_t max_tokens,
                            Status* status = nullptr) {
    auto generator = llm.create_generator(params(max_tokens)).release();
    EXPECT_EQ(generator.write(prompt), HAILO_SUCCESS);
    auto completion = generator.generate().release();
    std::string said;
    while (completion.generation_status() == Status::GENERATING) {
      const auto piece = completion.read(60s);
      if (!piece) {
        ADD_FAILURE() << "read: " << piece.status();
        break;
      }
      said += "[" + *piece + "]";
    }
    if (status != nullptr) *status = completion.generation_status();
    return said;
  }

  std::shared_ptr<hailort::VDevice> mine_;
};

TEST_F(FakeLlm, A_token_is_a_piece_and_the_end_is_one_of_them) {
  auto llm = make("talker");
  Status status{};
  EXPECT_EQ(answer(llm, "hello", 100, &status), "[one][ two][ three][ four][<|im_end|>]");
  EXPECT_EQ(status, Status::LOGICAL_END_OF_GENERATION);
}

TEST_F(FakeLlm, The_longest_answer_ends_with_the_recovery_sequence) {
  auto llm = make("talker");
  Status status{};
  EXPECT_EQ(answer(llm, "hello", 2, &status), "[one][ two][<|im_end|>]");
  EXPECT_EQ(status, Status::MAX_TOKENS_REACHED);
  EXPECT_EQ(*llm.get_generation_recovery_sequence(), "<|im_end|>");
}

TEST_F(FakeLlm, No_tokens_fill_the_context_only) {
  auto llm = make("talker");
  auto generator = llm.create_generator(params(0)).release();
  ASSERT_EQ(generator.write("12345678"), HAILO_SUCCESS);
  auto completion = generator.generate();
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->generation_status(), Status::MAX_TOKENS_REACHED);
  EXPECT_EQ(*llm.get_context_usage_size(), 2U);
}

TEST_F(FakeLlm, After_the_end_nothing_is_read) {
  auto llm = make("talker");
  auto generator = llm.create_generator(params(1)).release();
  generator.write("hello");
  auto completion = generator.generate().release();
  while (completion.generation_status() == Status::GENERATING) ASSERT_TRUE(completion.read(60s));
  EXPECT_EQ(completion.read(60s).status(), HAILO_INVALID_OPERATION);
}

TEST_F(FakeLlm, What_cannot_be_printed_yet_is_an_empty_piece) {
  auto llm = make("parrot", "kind: text\nend_text: <e>\n");
  EXPECT_EQ(answer(llm, "so ein Käse", 100), "[so][ ein][][ Käse][<e>]");
}

TEST_F(FakeLlm, A_read_has_a_time_and_the_status_is_that_of_what_was_read) {
  auto llm = make("talker");
  auto generator = llm.create_generator(params(100)).release();
  generator.write("hello");
  faults("  - {op: read, kind: slow, delay_ms: 1000}\n");
  auto completion = generator.generate().release();
  EXPECT_EQ(completion.read(0ms).status(), HAILO_TIMEOUT);
  EXPECT_EQ(*completion.read(60s), "one");
  // Meanwhile it says the rest, but nobody has read it.
  while (*completion.read(60s) != " four") {
  }
  EXPECT_EQ(completion.generation_status(), Status::GENERATING);
  EXPECT_EQ(*completion.read(60s), "<|im_end|>");
  EXPECT_EQ(completion.generation_status(), Status::LOGICAL_END_OF_GENERATION);
}

TEST_F(FakeLlm, Aborting_waits_for_the_prompt_and_says_the_recovery_sequence) {
  auto llm = make("endless");
  auto generator = llm.create_generator(params(10000)).release();
  generator.write("hello");
  const auto begin = steady_clock::now();
  auto completion = generator.generate().release();
  ASSERT_EQ(completion.abort(), HAILO_SUCCESS);
  EXPECT_GE(steady_clock::now() - begin, 30ms);  // the prompt
  EXPECT_EQ(completion.generation_status(), Status::GENERATING);
  std::string last;
  while (completion.generation_status() == Status::GENERATING) last = *completion.read(60s);
  EXPECT_EQ(completion.generation_status(), Status::ABORTED);
  EXPECT_EQ(last, "<|im_end|>");
}

TEST_F(FakeLlm, A_completion_that_is_dropped_is_aborted) {
  auto llm = make("endless");
  auto generator = llm.create_generator(params(10000)).release();
  generator.write("hello");
  const auto begin = steady_clock::now();
  {
    const auto dropped = generator.generate();
  }
  EXPECT_LT(steady_clock::now() - begin, 2s);  // all of it takes 3 s
}

TEST_F(FakeLlm, Parameters_are_checked_as_HailoRT_does) {
  auto llm = make("talker");
  const auto status_with = [&](auto change) {
    auto tried = llm.create_generator_params().release();
    change(tried);
    return llm.create_generator(tried).status();
  };
  EXPECT_EQ(status_with([](auto& p) { p.set_temperature(0); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status_with([](auto& p) { p.set_top_p(1.5F); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status_with([](auto& p) { p.set_top_k(0); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status_with([](auto& p) { p.set_frequency_penalty(0); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status_with([](auto& p) { p.set_do_sample(false); }), HAILO_SUCCESS);
}

TEST_F(FakeLlm, The_context_goes_on_until_it_is_cleared) {
  auto llm = make("talker");
  EXPECT_EQ(*llm.max_context_capacity(), 64U);
  EXPECT_EQ(llm.tokenize("123456789")->size(), 3U);
  answer(llm, "123456789", 2);
  // Three of the prompt, two words, and the recovery sequence.
  EXPECT_EQ(*llm.get_context_usage_size(), 6U);
  answer(llm, "1234", 100);
  EXPECT_EQ(*llm.get_context_usage_size(), 6U + 1 + 5);
  EXPECT_EQ(llm.clear_context(), HAILO_SUCCESS);
  EXPECT_EQ(*llm.get_context_usage_size(), 0U);
}

TEST_F(FakeLlm, A_full_context_turns_the_text_into_nonsense) {
  auto llm = make("talker");
  EXPECT_EQ(answer(llm, std::string(62 * 4, 'x'), 4), "[one][ two][ three][ qu#z][<|im_end|>]");
}

TEST_F(FakeLlm, A_saved_context_belongs_to_its_model) {
  hailort::BufferPtr saved;
  {
    auto llm = make("talker");
    answer(llm, "12345678", 1);
    saved = llm.save_context().release();
    llm.clear_context();
    EXPECT_EQ(llm.load_context(hailort::MemoryView(saved)), HAILO_SUCCESS);
    EXPECT_EQ(*llm.get_context_usage_size(), 4U);
    EXPECT_EQ(llm.load_context(hailort::MemoryView(saved->data(), 10)), HAILO_INVALID_ARGUMENT);
  }
  set("HAILO_FAKE_VERSION", "5.3.0");
  mine_.reset();
  auto other = make("speaker");
  EXPECT_EQ(other.load_context(hailort::MemoryView(saved)), HAILO_INVALID_ARGUMENT);
}

TEST_F(FakeLlm, There_may_be_no_template) {
  auto llm = make("talker");
  EXPECT_EQ(llm.prompt_template().status(), HAILO_NOT_AVAILABLE);
}

// Waits until so many tokens are in the context; the token thread asks for them.
void await_tokens(LLM& llm, std::size_t tokens) {
  const auto deadline = steady_clock::now() + 60s;
  while (*llm.get_context_usage_size() < tokens) {
    ASSERT_LT(steady_clock::now(), deadline) << "only " << *llm.get_context_usage_size();
  }
}

TEST_F(FakeLlm, Tokens_come_while_nobody_reads_until_the_backlog_is_full) {
  auto llm = make("endless");
  auto generator = llm.create_generator(params(1100)).release();
  generator.write("hello");  // two tokens
  auto completion = generator.generate().release();
  // 1024 wait to be read and one more waits for room; that of the prompt is not in the context.
  await_tokens(llm, 2 + 1024);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(*llm.get_context_usage_size(), 2U + 1024);
  std::string said;
  int pieces = 0;
  for (; completion.generation_status() == Status::GENERATING; ++pieces) {
    const auto piece = completion.read(60s);
    ASSERT_TRUE(piece);
    said += *piece;
  }
  EXPECT_EQ(pieces, 1101);
  std::string wanted;
  for (int i = 0; i < 1100; ++i) wanted += (i > 0 ? " w" : "w") + std::to_string(i);
  EXPECT_EQ(said, wanted + "<|im_end|>");
}

TEST_F(FakeLlm, A_token_that_finds_no_room_for_two_minutes_is_lost_and_the_text_with_it) {
  set("HAILO_FAKE_TIME_SCALE", "0.005");  // 600 ms
  auto llm = make("endless");
  auto generator = llm.create_generator(params(2000)).release();
  generator.write("hello");
  auto completion = generator.generate().release();
  await_tokens(llm, 2 + 1024 + 1);  // the next one came although nobody has read
  std::string said;
  for (int i = 0; i < 1024; ++i) said += completion.read(60s).value();
  EXPECT_EQ(said.find("qu#z"), std::string::npos);
  EXPECT_EQ(completion.read(60s).value(), " qu#z");
}

// ---- the KV cache ----

TEST_F(FakeLlm, In_5_2_a_second_one_is_hung_up_on) {
  auto llm = make("talker");
  EXPECT_EQ(LLM::create(mine_, LLMParams(model("speaker"))).status(), HAILO_COMMUNICATION_CLOSED);
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  EXPECT_EQ(peer.say("llm " + model("speaker")), "62");
}

TEST_F(FakeLlm, In_5_3_a_second_one_waits_and_is_refused) {
  set("HAILO_FAKE_VERSION", "5.3.0");
  auto llm = make("talker");
  const auto begin = steady_clock::now();
  EXPECT_EQ(LLM::create(mine_, LLMParams(model("speaker"))).status(), HAILO_INVALID_OPERATION);
  EXPECT_GE(steady_clock::now() - begin, 500ms);
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  peer.send("llm " + model("speaker"));
  {
    const auto gone = std::move(llm);
  }
  EXPECT_EQ(peer.hear(), "0");
}

TEST_F(FakeLlm, In_5_1_nothing_guards_it) {
  set("HAILO_FAKE_VERSION", "5.1.1");
  auto llm = make("talker");
  EXPECT_EQ(LLM::create(mine_, LLMParams(model("speaker"))).status(), HAILO_SUCCESS);
}

TEST_F(FakeLlm, A_process_that_dies_frees_it) {
  set("HAILO_FAKE_VERSION", "5.3.0");
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  ASSERT_EQ(peer.say("llm " + model("talker")), "0");
  peer.kill();
  auto llm = make("talker");
  EXPECT_EQ(answer(llm, "hello", 1), "[one][<|im_end|>]");
}

// ---- what HailoRT leaves undefined ends the test ----

using FakeLlmDeathTest = FakeLlm;

TEST_F(FakeLlmDeathTest, Two_generators) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto llm = make("talker");
        auto one = llm.create_generator();
        auto two = llm.create_generator();
      },
      "second generator");
}

TEST_F(FakeLlmDeathTest, A_model_that_is_gone_before_its_completion) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        auto llm = std::make_unique<LLM>(make("talker"));
        auto generator = llm->create_generator().release();
        generator.write("hello");
        auto completion = generator.generate();
        llm.reset();
      },
      "before its generator or completion");
}

}  // namespace
}  // namespace npu::fakes
