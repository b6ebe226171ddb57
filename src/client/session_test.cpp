#include "client/session.hpp"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "client/error_reply.hpp"
#include "client/result_tensors.hpp"

namespace npu::client {
namespace {

namespace json = boost::json;

constexpr SteadyTime kNow{};

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

Session granted(std::string_view features, ClientOptions options = {}) {
  Session session(options);
  auto reply =
      parse(R"({"status":"ok","server":"x","limits":{"max_regions":2,"max_region_bytes":8388608,
                         "max_in_flight":8,"max_message_bytes":1000000}})");
  reply["features"] = json::parse(features);
  EXPECT_TRUE(session.accept_hello(reply));
  return session;
}

wire::Buffer buffer_of(std::string_view text) {
  auto buffer = wire::heap_buffer(text.size());
  std::memcpy(buffer.bytes.data(), text.data(), text.size());
  return buffer;
}

ClientTensor tensor_of(std::size_t bytes) {
  return ClientTensor::own(
      {DType::kUint8, {static_cast<std::int64_t>(bytes)}, std::vector<std::byte>(bytes)});
}

TEST(Session, A_manager_that_does_not_know_hello_is_spoken_to_in_version_1) {
  Session session({});
  EXPECT_TRUE(session.accept_hello(parse(R"({"error":"Unknown action: hello"})")));
  EXPECT_FALSE(session.server().tail || session.server().shm || session.server().pipeline);
  EXPECT_EQ(session.server().max_in_flight, 1U);
}

TEST(Session, A_refused_hello_is_an_error) {
  Session session({});
  const auto accepted = session.accept_hello(parse(
      R"({"error":"client must be 1 to 64 printable characters","code":"invalid_argument"})"));
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Session({}).accept_hello(parse(R"({"status":"ok"})")).error().code,
            ErrorCode::kMalformed);
}

TEST(Session, What_was_not_asked_for_is_not_used_although_granted) {
  const auto session =
      granted(R"(["shm","tail","pipeline"])", {.shm = false, .tail = false, .pipeline = false});
  EXPECT_FALSE(session.server().tail || session.server().shm);
  EXPECT_EQ(session.server().max_in_flight, 1U);
}

TEST(Session, The_lower_message_limit_of_both_sides_holds) {
  const auto session = granted("[]");
  const auto request =
      infer_request({"m"}, InferInput().tensor("input", tensor_of(800'000)), {}, false);
  Arena arena(1);
  const auto frame = session.encode(request, session.prepare(request, arena, 0), 1, kNow, kNow);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(frame.error().message.find("Request too large"), std::string::npos);
}

TEST(Session, Regions_over_the_managers_limits_are_not_registered) {
  const auto session = granted(R"(["shm","tail"])");
  Arena arena(std::size_t{64} << 20);
  const auto big = arena.allocate(std::size_t{9} << 20);
  ClientTensor tensor(DType::kUint8, {9 << 20}, big, big->bytes());
  const auto request = infer_request({"m"}, InferInput().tensor("input", tensor), {}, false);
  EXPECT_EQ(session.unregistered(session.prepare(request, arena, 0)), nullptr);
}

TEST(Session, A_refused_region_is_not_offered_again) {
  auto session = granted(R"(["shm","tail"])");
  Arena arena(std::size_t{64} << 20);
  const auto request =
      infer_request({"m"}, InferInput().tensor("input", tensor_of(100'000)), {}, false);
  const auto prepared = session.prepare(request, arena, 0);
  const auto region = session.unregistered(prepared);
  ASSERT_NE(region, nullptr);
  session.region_answered(*region, parse(R"({"error":"too many","code":"quota_exceeded"})"));
  EXPECT_EQ(session.unregistered(prepared), nullptr);
  const auto frame = session.encode(request, prepared, 1, kNow, kNow);
  ASSERT_TRUE(frame);
  EXPECT_GT(frame->size(), 100'000U);  // its bytes travel in the frame
}

TEST(Session, What_nobody_asked_for_is_a_notice) {
  const auto session = granted(R"(["events"])");
  EXPECT_TRUE(session.server().events);
  const auto notice = session.decode(buffer_of(R"({"event":"device","state":"ready"})"));
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->kind, Incoming::Kind::kNotice);
}

TEST(Session, Replies_that_break_the_protocol_are_refused) {
  const auto session = granted("[]");
  EXPECT_FALSE(session.decode(buffer_of("nonsense")));
  EXPECT_FALSE(session.decode(buffer_of("[1]")));
  EXPECT_FALSE(session.decode(buffer_of("")));
  EXPECT_FALSE(session.decode(buffer_of(R"({"request_id":1,"event":"text"})")));
  EXPECT_EQ(session.decode(buffer_of(R"({"request_id":"x"})"))->kind, Incoming::Kind::kOrphan);
  EXPECT_EQ(session.decode(buffer_of(R"({"request_id":-1})"))->kind, Incoming::Kind::kOrphan);
  const auto tail = granted(R"(["tail"])");
  EXPECT_FALSE(tail.decode(buffer_of("\x00\x00\x00\x09{}")));
}

Result<InferResult> result_of(const Session& session, std::string_view text) {
  auto incoming = session.decode(buffer_of(text));
  if (!incoming) return fail(incoming.error());
  return session.result_of(std::move(*incoming), nullptr);
}

TEST(Session, Broken_result_tensors_are_refused) {
  const auto session = granted(R"(["shm"])");
  for (const auto* text : {
           R"({"request_id":1,"status":"ok"})",
           R"({"request_id":1,"result":{"dtype":"uint8","shape":[2],"data_b64":"AAAA"}})",
           R"({"request_id":1,"result":{"dtype":"uint9","shape":[3],"data_b64":"AAAA"}})",
           R"({"request_id":1,"result":{"dtype":"uint8","shape":[-1],"data_b64":"AAAA"}})",
           R"({"request_id":1,"result":{"dtype":"uint8","shape":[3],"tail":[0,3]}})",
           R"({"request_id":1,"result":{"dtype":"uint8","shape":[3],"region":1,"offset":0}})",
       }) {
    const auto result = result_of(session, text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kMalformed) << text;
  }
}

TEST(Session, Tensors_are_found_at_any_depth_of_a_result) {
  const auto result =
      result_of(granted("[]"),
                R"({"request_id":1,"inference_time_ms":5,"result":{"a":{"dtype":"uint8",
                                "shape":[3],"data_b64":"AQID"},"b":[{"dtype":"uint8","shape":[1],"data_b64":"BA=="}]}})");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->inference_time_ms, 5);
  ASSERT_EQ(result->tensors.size(), 2U);
  EXPECT_EQ(result->tensor("a")->as<std::uint8_t>()[2], 3);
  EXPECT_FALSE(result->tensor("b"));
  EXPECT_FALSE(result->tensor());
  EXPECT_FALSE(result->text());
}

TEST(Session, Region_results_outside_the_reservation_are_refused) {
  Arena arena(std::size_t{64} << 20);
  const auto output = arena.allocate(4096);
  const auto place = [&](std::int64_t region, std::size_t offset, std::int64_t size) {
    InferResult result;
    result.value = json::object{
        {"dtype", "uint8"}, {"shape", json::array{size}}, {"region", region}, {"offset", offset}};
    return take_tensors(result, {{}, {}, output, 3}).has_value();
  };
  const auto start = output->offset();
  EXPECT_TRUE(place(3, start, 4096));
  EXPECT_TRUE(place(3, start + 4096, 0));
  EXPECT_FALSE(place(3, start, 4097));
  EXPECT_FALSE(place(3, start + 1, 4096));
  EXPECT_FALSE(place(4, start, 10));
  EXPECT_FALSE(place(3, std::size_t(-10), 100));
}

TEST(Session, A_misaligned_tail_tensor_is_still_readable) {
  wire::Buffer payload = wire::heap_buffer(64);
  const float values[] = {1.5F, -2.25F};
  std::memcpy(payload.bytes.data() + 1, values, sizeof(values));
  InferResult result;
  result.value =
      json::object{{"dtype", "float32"}, {"shape", json::array{2}}, {"tail", json::array{1, 8}}};
  ASSERT_TRUE(take_tensors(result, {payload, payload.bytes, nullptr, std::nullopt}));
  EXPECT_EQ(result.tensor()->as<float>()[1], -2.25F);
}

TEST(ErrorReply, Version_1_texts_get_the_code_that_they_mean) {
  EXPECT_FALSE(error_in(parse(R"({"status":"ok"})")));
  EXPECT_EQ(error_in(parse(R"({"error":"Model file not found: /x"})"))->code, ErrorCode::kNotFound);
  EXPECT_EQ(error_in(parse(R"({"error":"Inference failed: x"})"))->code, ErrorCode::kInternal);
  EXPECT_EQ(error_in(parse(R"({"status":"error","message":"Device not initialized"})"))->code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(error_in(parse("{}"))->code, ErrorCode::kMalformed);
  const auto busy =
      error_in(parse(R"({"error":"queue full","code":"overloaded","retry_after_ms":40})"));
  EXPECT_EQ(busy->code, ErrorCode::kOverloaded);
  EXPECT_EQ(busy->retry_after, Millis(40));
}

}  // namespace
}  // namespace npu::client
