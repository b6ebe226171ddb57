// From the broker's outcomes to what the client reads.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manager/clients/session.hpp"
#include "manager/clients/session_client_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

class SessionRepliesTest : public SessionFixture {
 protected:
  json::object load(std::string_view type, json::object more = {}) const {
    more.emplace("action", "load_model");
    more.emplace("model_type", type);
    more.emplace("model_path", file_);
    return more;
  }
  json::object unload(json::object more = {}) const {
    more.emplace("action", "unload_model");
    more.emplace("model_type", "embed");
    more.emplace("model_path", file_);
    return more;
  }
  static broker::Outcome loaded(json::object info, bool was_there = false) {
    return {.was_there = was_there,
            .loaded = std::make_shared<LoadResult>(LoadResult{std::move(info)})};
  }
  // Two variants of one model that somebody holds: requests 1 and 2.
  void load_two_variants() {
    for (const char* pooling : {"mean", "cls"}) {
      client_.send(load("embed", {{"model_params", {{"pooling", pooling}}}}));
      host_.complete(host_.submitted.size(), loaded({}));
      ASSERT_EQ(client_.reply().at("status"), "ok");
    }
    ASSERT_EQ(host_.submitted.size(), 2U);
    ASSERT_NE(host_.submitted[0].model.key, host_.submitted[1].model.key);
  }

  SessionClient client_{host_};
};

TEST_F(SessionRepliesTest, A_load_says_what_it_has_loaded) {
  client_.send(load("depth"));
  ASSERT_EQ(host_.submitted.at(0).kind, broker::RequestKind::kLoad);
  host_.complete(1, loaded({{"model_info", 1}}));
  const json::object plain{{"status", "ok"},
                           {"model_path", file_},
                           {"model_type", "depth"},
                           {"message", "Model loaded"}};
  EXPECT_EQ(client_.reply(), plain) << "before a hello only of OCR more is said";
  client_.send(load("depth"));
  host_.complete(2, loaded({}, true));
  EXPECT_EQ(client_.reply().at("message"), "Model already loaded");

  const json::object read{
      {"model_info", {{"detection_input_shape", {4, 4, 3}}, {"recognition", json::object()}}}};
  client_.send(load(
      "ocr",
      {{"model_params", {{"detection_hef_path", file_}, {"recognition_hefs", {{"en", file_}}}}}}));
  host_.complete(3, loaded(read));
  EXPECT_EQ(client_.reply().at("model_info"), (json::object{{"detection_input_shape", {4, 4, 3}}}));

  SessionClient modern(host_);
  modern.hello({});
  modern.send(load("depth"));
  host_.complete(4, loaded({{"model_info", 1}}));
  EXPECT_EQ(modern.reply().at("model_info"), 1);
}

TEST_F(SessionRepliesTest, A_model_that_is_listed_by_another_name_is_told_by_it_too) {
  const std::string alias = file_.substr(0, file_.rfind('/')) + "/./m.hef";
  client_.hello({});
  client_.send(load("depth", {{"model_path", alias}}));
  host_.complete(1, loaded({}));
  const auto reply = client_.reply();
  EXPECT_EQ(text_at(reply, "model_path"), alias);
  EXPECT_EQ(text_at(reply, "listed_as"), file_);
  client_.send(load("depth"));
  host_.complete(2, loaded({}));
  EXPECT_FALSE(client_.reply().contains("listed_as"));
}

TEST_F(SessionRepliesTest, Unloading_what_nobody_has_asks_nobody) {
  EXPECT_EQ(client_.ask(unload()),
            json::object({{"status", "ok"}, {"message", "Model was not loaded"}}));
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(SessionRepliesTest, Several_variants_are_unloaded_with_one_reply) {
  load_two_variants();
  client_.send(unload());
  ASSERT_EQ(host_.submitted.size(), 4U);
  EXPECT_EQ(host_.submitted[3].kind, broker::RequestKind::kUnload);
  EXPECT_EQ(client_.session().in_flight(), 1U);
  host_.complete(3, {.was_there = true});
  EXPECT_FALSE(client_.next());
  host_.complete(4, {.was_there = false});
  EXPECT_EQ(client_.reply(), json::object({{"status", "ok"}, {"message", "Model unloaded"}}));
  EXPECT_EQ(client_.session().in_flight(), 0U);

  client_.send(unload({{"model_params", {{"pooling", "cls"}}}}));
  ASSERT_EQ(host_.submitted.size(), 5U);
  EXPECT_EQ(host_.submitted[4].model.key, host_.submitted[1].model.key);
  host_.complete(5, {.was_there = false});
  EXPECT_EQ(client_.reply().at("message"), "Model was not loaded");
}

TEST_F(SessionRepliesTest, To_cancel_an_unload_is_to_cancel_it_of_all_variants) {
  load_two_variants();
  SessionClient other(host_);
  other.hello({"pipeline", "cancel"});
  other.send(unload({{"request_id", "u"}}));
  ASSERT_EQ(host_.submitted.size(), 4U);
  const auto reply = other.ask({{"action", "cancel"}, {"request_id_to_cancel", "u"}});
  EXPECT_EQ(reply.at("cancelled"), true);
  EXPECT_THAT(host_.cancelled, testing::UnorderedElementsAre(3, 4));
}

TEST_F(SessionRepliesTest, One_variant_that_is_not_unloaded_makes_the_reply_an_error) {
  load_two_variants();
  client_.send(unload());
  host_.fail_with(3, {ErrorCode::kPermission, "another user has it"});
  host_.complete(4, {.was_there = true});
  EXPECT_EQ(client_.reply(), json::object({{"error", "another user has it"}}));

  int asked = 0;
  host_.on_submit = [&] {
    host_.refusal = ++asked == 1 ? std::optional(Error{ErrorCode::kBusy, "not now"}) : std::nullopt;
  };
  client_.send(unload());
  ASSERT_EQ(host_.submitted.size(), 5U) << "the first of two was refused";
  EXPECT_FALSE(client_.next());
  host_.complete(5, {.was_there = true});
  EXPECT_EQ(client_.reply(), json::object({{"error", "not now"}}));

  host_.on_submit = nullptr;
  host_.refusal = Error{ErrorCode::kUnavailable, "stopping"};
  EXPECT_EQ(client_.ask(unload()), json::object({{"error", "stopping"}}));
  EXPECT_EQ(client_.session().in_flight(), 0U);
}

struct Told {
  ErrorCode code;
  std::string_view load;   // of "why m.hef"
  std::string_view infer;  // likewise
};

// Clients of version 1 read these texts.
TEST_F(SessionRepliesTest, Errors_are_told_in_the_words_that_clients_know) {
  using enum ErrorCode;
  constexpr std::string_view kAsItIs = "why m.hef";
  constexpr std::string_view kNoRuntime =
      "Device manager runtime unavailable. Details: runtime context unavailable: why m.hef";
  constexpr std::string_view kExhausted =
      "RESOURCE_EXHAUSTED and no models available to evict: why m.hef";
  constexpr std::string_view kNotLoaded = "Failed to load model: why m.hef";
  constexpr std::string_view kNotInferred = "Inference failed: why m.hef";
  const std::string missing = "Model file not found: " + file_;
  const Told all[] = {
      {kCancelled, kAsItIs, kAsItIs},
      {kDeadlineExceeded, kAsItIs, kAsItIs},
      {kQuotaExceeded, kAsItIs, kAsItIs},
      {kOverloaded, kAsItIs, kAsItIs},
      {kBusy, kAsItIs, kAsItIs},
      {kDeviceLost, kAsItIs, kAsItIs},
      {kUnavailable, kNoRuntime, kNoRuntime},
      {kVersionMismatch, kNoRuntime, kNoRuntime},
      {kDoesNotFit, kExhausted, kNotInferred},
      {kNotFound, missing, kNotInferred},
      {kInvalidArgument, kNotLoaded, kNotInferred},
      {kUnsupported, kNotLoaded, kNotInferred},
      {kTooLarge, kNotLoaded, kNotInferred},
      {kInternal, kNotLoaded, kNotInferred},
  };
  const auto told = [&](const json::object& request, ErrorCode code, bool during_load = false) {
    client_.send(request);
    host_.complete(host_.submitted.size(),
                   {.status = fail(code, std::string(kAsItIs)), .during_load = during_load});
    return text_at(client_.reply(), "error");
  };
  for (const Told& one : all) {
    EXPECT_EQ(told(load("depth"), one.code), one.load);
    EXPECT_EQ(told(infer(""), one.code), one.infer);
    EXPECT_EQ(told(infer(""), one.code, true), one.load) << "as its model was being loaded";
  }
}

TEST_F(SessionRepliesTest, An_error_that_says_all_is_told_as_it_is) {
  client_.send(load("depth"));
  host_.fail_with(1, {.code = ErrorCode::kUnavailable, .message = "all", .is_whole = true});
  EXPECT_EQ(client_.reply().at("error"), "all");
}

TEST_F(SessionRepliesTest, A_refusal_of_the_broker_is_told_in_these_words_too) {
  host_.refusal = Error{ErrorCode::kDoesNotFit, "it takes 9 GB"};
  EXPECT_EQ(client_.ask(infer("")).at("error"),
            "RESOURCE_EXHAUSTED and no models available to evict: it takes 9 GB");
  EXPECT_EQ(client_.session().in_flight(), 0U);
}

TEST_F(SessionRepliesTest, What_a_stream_gives_comes_before_its_reply_and_of_others_nothing) {
  client_.hello({"pipeline", "stream"});
  client_.send(infer("a", {{"stream", true}}));
  client_.send(infer("b"));
  ASSERT_TRUE(host_.submitted.at(0).work->stream);
  ASSERT_FALSE(host_.submitted.at(1).work->stream);
  host_.send_event(1, {{"text", "Hel"}});
  host_.send_event(2, {{"text", "not asked for"}});
  host_.send_event(1, {{"text", "lo"}});
  host_.complete(1, inferred("Hello"));
  host_.send_event(1, {{"text", "too late"}});
  EXPECT_EQ(client_.reply(), json::object({{"event", {{"text", "Hel"}}}, {"request_id", "a"}}));
  EXPECT_EQ(client_.reply(), json::object({{"event", {{"text", "lo"}}}, {"request_id", "a"}}));
  EXPECT_EQ(client_.reply().at("result"), "Hello");
  EXPECT_FALSE(client_.next());
}

TEST_F(SessionRepliesTest, Who_leaves_64_megabytes_of_events_unread_is_dropped) {
  client_.hello({"stream"});
  client_.send(infer("", {{"stream", true}}));
  const json::object event{{"text", std::string(std::size_t{1} << 20, 'x')}};
  for (int i = 0; i < 63; ++i) host_.send_event(1, event);
  ASSERT_TRUE(client_.is_served());
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(client_.next());
  for (int i = 0; i < 40; ++i) host_.send_event(1, event);
  ASSERT_TRUE(client_.is_served()) << "what was read does not count";
  for (int i = 0; i < 4; ++i) host_.send_event(1, event);
  EXPECT_FALSE(client_.is_served());
  EXPECT_EQ(host_.gone, std::vector<broker::ConnectionId>{client_.id()});
}

TEST_F(SessionRepliesTest, With_a_tail_results_are_raw_bytes_behind_the_text) {
  client_.hello({"tail"});
  client_.send(infer(""));
  auto outcome = inferred({{"dtype", "uint8"}, {"shape", {3}}, {"region", 0}, {"offset", 1}});
  outcome.result->region = host_.regions().add(SharedMemory::create(16).value());
  for (int i = 0; i < 16; ++i) outcome.result->region->bytes()[i] = std::byte('a' + i);
  host_.complete(1, std::move(outcome));
  EXPECT_EQ(client_.reply().at("result").at("tail"), json::array({0, 3}));
  EXPECT_EQ(client_.tail(), "bcd");
}

TEST_F(SessionRepliesTest, A_reply_that_is_too_large_is_told_and_ends_the_connection) {
  host_.settings.max_message_bytes = 1000;
  SessionClient client(host_);
  client.hello({"pipeline"});
  client.send(infer("a"));
  host_.complete(1, inferred(json::string(1000, 'x')));
  const auto reply = client.reply();
  EXPECT_TRUE(reply.at("error").as_string().starts_with("Response too large: "));
  EXPECT_FALSE(reply.contains("request_id"));
  EXPECT_TRUE(client.is_hung_up());
}

TEST_F(SessionRepliesTest, A_worker_that_names_memory_that_is_not_there_is_our_mistake) {
  client_.hello({});
  client_.send(infer("a"));
  host_.complete(1, inferred({{"dtype", "uint8"}, {"shape", {3}}, {"region", 99}, {"offset", 0}}));
  const auto reply = client_.reply();
  EXPECT_EQ(reply.at("code"), "internal");
  EXPECT_EQ(client_.ask({{"action", "ping"}}).at("status"), "ok");
}

}  // namespace
}  // namespace npu::manager
