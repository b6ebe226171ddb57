// How a session takes requests: in which order, which it refuses, and what becomes of the others.
#include "manager/clients/session.hpp"

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "manager/clients/session_client_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

class SessionTest : public SessionFixture {
 protected:
  SessionClient client_{host_};
};

TEST_F(SessionTest, Without_a_hello_requests_are_served_one_after_the_other) {
  client_.send(infer(""));
  client_.send({{"action", "ping"}});
  ASSERT_EQ(host_.submitted.size(), 1U);
  EXPECT_FALSE(client_.next());
  EXPECT_EQ(host_.statuses, 0) << "the second is not even read";
  host_.complete(1, inferred("a"));
  EXPECT_EQ(client_.reply(),
            json::object({{"status", "ok"}, {"result", "a"}, {"inference_time_ms", 12}}));
  EXPECT_EQ(client_.reply(), host_.status_body);
}

TEST_F(SessionTest, With_pipeline_many_are_under_way_and_answered_as_they_end) {
  host_.settings.max_in_flight = 2;
  client_.hello({"pipeline"});
  for (const char* id : {"a", "b", "c"}) client_.send(infer(id));
  ASSERT_EQ(host_.submitted.size(), 2U) << "as many as max_in_flight";
  host_.complete(2, inferred(2));
  EXPECT_EQ(client_.reply().at("request_id"), "b");
  ASSERT_EQ(host_.submitted.size(), 3U);
  host_.complete(3, inferred(3));
  host_.complete(1, inferred(1));
  EXPECT_EQ(client_.reply().at("request_id"), "c");
  EXPECT_EQ(client_.reply().at("request_id"), "a");
}

TEST_F(SessionTest, With_pipeline_requests_need_ids_that_differ) {
  client_.hello({"pipeline"});
  const json::object load{{"action", "load_model"}, {"model_type", "depth"}, {"model_path", file_}};
  EXPECT_EQ(client_.ask(infer("")).at("error"),
            "request_id required on a connection with pipeline");
  EXPECT_EQ(client_.ask(load).at("error"), "request_id required on a connection with pipeline");
  client_.send(infer("a"));
  ASSERT_EQ(host_.submitted.size(), 1U);
  EXPECT_EQ(client_.ask(infer("a")),
            json::object({{"error", R"(request_id "a" is in flight already)"},
                          {"code", "invalid_argument"},
                          {"request_id", "a"}}));
  host_.complete(1, inferred(1));
  EXPECT_EQ(client_.reply().at("status"), "ok");
  client_.send(infer("a"));
  EXPECT_EQ(host_.submitted.size(), 2U) << "it is free again";
}

TEST_F(SessionTest, A_status_is_answered_while_requests_are_under_way) {
  client_.hello({"pipeline"});
  client_.send(infer("a"));
  EXPECT_EQ(client_.ask({{"action", "status"}, {"request_id", 7}}),
            json::object({{"status", "ok"}, {"request_id", 7}}));
  EXPECT_EQ(client_.ask({{"action", "device_status"}}), json::object({{"status", "device"}}));
}

TEST_F(SessionTest, A_hello_grants_what_is_known_and_says_the_limits) {
  host_.settings.max_message_bytes = 1000;
  host_.settings.max_in_flight = 3;
  SessionClient client(host_);
  const auto granted = client.ask({{"action", "hello"},
                                   {"client", "cam"},
                                   {"features", {"cancel", "telepathy", "shm"}},
                                   {"request_id", 1}});
  EXPECT_EQ(granted.at("status"), "ok");
  EXPECT_EQ(granted.at("protocol"), 1);
  EXPECT_EQ(granted.at("features"), json::array({"shm", "cancel"}));
  EXPECT_EQ(granted.at("limits"), json::parse(R"({"max_message_bytes":1000,"max_regions":64,
            "max_region_bytes":1073741824,"max_in_flight":3})"));
  EXPECT_EQ(granted.at("request_id"), 1);
  client.send(infer("a"));
  EXPECT_EQ(host_.submitted.at(0).client, "1000:cam");
}

TEST_F(SessionTest, A_hello_that_is_not_sound_grants_nothing) {
  const auto said = [&](const json::object& hello) {
    SessionClient client(host_);
    const auto reply = client.ask(hello);
    EXPECT_FALSE(reply.contains("code")) << "as version 1 knows errors";
    EXPECT_EQ(client.ask(hello).at("error"), "hello must be the first message");
    return reply.at("error");
  };
  const json::value bad_name = "client must be 1 to 64 printable ASCII characters";
  const json::value bad_features = "features must be a list of names";
  EXPECT_EQ(said({{"action", "hello"}}), bad_name);
  EXPECT_EQ(said({{"action", "hello"}, {"client", std::string(65, 'x')}}), bad_name);
  EXPECT_EQ(said({{"action", "hello"}, {"client", "caf\xc3\xa9"}}), bad_name);
  EXPECT_EQ(said({{"action", "hello"}, {"client", "a"}, {"features", "shm"}}), bad_features);
  EXPECT_EQ(said({{"action", "hello"}, {"client", "a"}, {"features", {1}}}), bad_features);
  EXPECT_EQ(said({{"action", "hello"}, {"client", "a"}, {"events", "all"}}),
            R"(events must be a list, got "all")");
}

TEST_F(SessionTest, A_feature_that_was_not_granted_is_named) {
  client_.hello({"events"});
  const auto error_of = [&](const json::object& request) {
    const auto reply = client_.ask(request);
    EXPECT_EQ(reply.at("code"), "invalid_argument");
    return reply.at("error");
  };
  EXPECT_EQ(error_of({{"action", "shm_register"}, {"size", 1}}),
            "the feature shm was not granted; ask for it in the hello");
  EXPECT_EQ(error_of({{"action", "shm_unregister"}, {"region", 1}}),
            "the feature shm was not granted; ask for it in the hello");
  EXPECT_EQ(error_of({{"action", "cancel"}, {"request_id_to_cancel", 1}}),
            "the feature cancel was not granted; ask for it in the hello");
  EXPECT_EQ(error_of(infer("a", {{"stream", true}})),
            "stream needs the feature stream; ask for it in the hello");
  EXPECT_EQ(error_of(infer("a", {{"output", {{"region", 1}}}})),
            "output needs the feature shm; ask for it in the hello");
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(SessionTest, What_is_no_request_is_said_and_the_connection_goes_on) {
  EXPECT_EQ(client_.ask({{"action", "dance"}}).at("error"), "Unknown action: dance");
  EXPECT_EQ(client_.ask({{"x", 1}}).at("error"), "Unknown action: None");
  EXPECT_EQ(client_.ask(infer("", {{"model_path", nullptr}})).at("error"),
            "model_path and input_data required");
  EXPECT_EQ(client_.ask(infer("", {{"input_data", nullptr}})).at("error"),
            "model_path and input_data required");
  EXPECT_EQ(client_.ask(infer("", {{"input_data", 1}})).at("error"),
            "Inference failed: input_data must be an object");
  EXPECT_EQ(client_.ask({{"action", "load_model"}}).at("error"), "model_path required");
  EXPECT_EQ(client_.ask({{"action", "unload_model"}}).at("error"), "model_path required");
  EXPECT_EQ(client_.ask(infer("", {{"timeout_ms", 0}})).at("error"),
            "timeout_ms must be a whole number in 1..86400000, got 0");
  EXPECT_EQ(client_.ask({{"action", "load_model"}, {"model_path", file_}, {"model_fd", true}})
                .at("error"),
            "Failed to load model: a model is not taken from a client, as a descriptor or "
            "otherwise; its file has to lie in one of the manager's model folders");
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(SessionTest, What_is_no_frame_of_the_protocol_ends_the_connection_with_the_reason) {
  SessionClient broken(host_);
  broken.send_raw(std::string("\0\0\0\2{{", 6));
  EXPECT_TRUE(broken.reply().contains("error"));
  EXPECT_TRUE(broken.is_hung_up());

  SessionClient list(host_);
  list.send(json::array{1});
  EXPECT_TRUE(list.is_hung_up()) << "without a word, as the reference";

  host_.settings.max_message_bytes = 100;
  SessionClient large(host_);
  large.send_raw(std::string("\0\0\0\x65", 4));
  EXPECT_EQ(large.reply(), json::object({{"error", "Message too large: 101 bytes"}}));
  EXPECT_TRUE(large.is_hung_up());
}

TEST_F(SessionTest, Without_a_device_requests_for_models_say_why) {
  host_.ready = fail(ErrorCode::kUnavailable, "no device");
  EXPECT_EQ(client_.ask(infer("")).at("error"),
            "Device manager runtime unavailable. Details: runtime context unavailable: no device");
  host_.ready =
      fail(Error{.code = ErrorCode::kUnavailable, .message = "stopping", .is_whole = true});
  EXPECT_EQ(client_.ask(infer("")).at("error"), "stopping");
  EXPECT_EQ(client_.ask({{"action", "ping"}}).at("status"), "ok");
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(SessionTest, The_broker_is_told_whose_request_it_is_and_how_it_is_to_be_served) {
  SessionClient admin(host_, {.administrator = true});
  host_.time.advance(100s);
  admin.send(
      infer("", {{"priority", "realtime"}, {"timeout_ms", 250}, {"keep_alive", 3}, {"pin", true}}));
  ASSERT_EQ(host_.submitted.size(), 1U);
  const broker::Request& request = host_.submitted[0];
  EXPECT_EQ(request.connection, admin.id());
  EXPECT_EQ(request.client, "1000:pid77");
  EXPECT_EQ(request.user, SessionClient::kUser);
  EXPECT_TRUE(request.administrator);
  EXPECT_EQ(request.kind, broker::RequestKind::kInfer);
  EXPECT_EQ(request.model.path, file_);
  EXPECT_EQ(request.priority, Priority::kRealtime);
  EXPECT_EQ(request.deadline, host_.time.now() + 250ms);
  EXPECT_EQ(request.keep_alive, Duration(3s));
  EXPECT_EQ(request.pin, true);
  ASSERT_TRUE(request.work);
  EXPECT_EQ(request.work->input, R"({"x":1})");
  EXPECT_GT(request.payload_bytes, 0U);
}

TEST_F(SessionTest, Who_may_not_have_realtime_is_served_all_the_same_and_told) {
  SessionClient old(host_, {.realtime = false});
  old.send(infer("", {{"priority", "realtime"}}));
  EXPECT_EQ(host_.submitted.at(0).priority, Priority::kInteractive);
  host_.complete(1, inferred(1));
  EXPECT_FALSE(old.reply().contains("warning")) << "version 1 knows none";

  SessionClient modern(host_, {.realtime = false});
  modern.hello({});
  modern.send(infer("", {{"priority", "realtime"}}));
  EXPECT_EQ(host_.submitted.at(1).priority, Priority::kInteractive);
  host_.complete(2, inferred(1));
  EXPECT_EQ(modern.reply().at("warning"),
            "served as interactive: the manager's configuration does not let this user have "
            "realtime");
  modern.send(infer("", {{"priority", "batch"}}));
  EXPECT_EQ(host_.submitted.at(2).priority, Priority::kBatch);
  host_.complete(3, inferred(1));
  EXPECT_FALSE(modern.reply().contains("warning"));
}

TEST_F(SessionTest, With_a_tail_tensors_come_behind_the_text_and_lie_in_shared_memory) {
  client_.hello({"tail"});
  for (const std::size_t bytes : {std::size_t{1000}, std::size_t{100'000}}) {
    std::string tensor(bytes, 'x');
    tensor.back() = 'y';
    client_.send(
        infer(
            "",
            {{"input_data",
              {{"x", {{"dtype", "uint8"}, {"shape", json::array{bytes}}, {"tail", {0, bytes}}}}}}}),
        tensor);
    ASSERT_TRUE(host_.submitted.back().work);
    const InferWork& work = *host_.submitted.back().work;
    ASSERT_EQ(work.regions.size(), 1U);
    const auto at = json::parse(work.input).at("x").as_object();
    EXPECT_EQ(at.at("region").as_int64(), static_cast<std::int64_t>(work.regions[0]->number()));
    const auto offset = static_cast<std::size_t>(at.at("offset").as_int64());
    const auto* found = reinterpret_cast<const char*>(work.regions[0]->bytes().data());
    EXPECT_EQ(std::string_view(found + offset, bytes), tensor);
    EXPECT_EQ(host_.quota.held(Held::kSlabs), 1U);
    host_.complete(host_.submitted.size(), inferred(1));
    EXPECT_EQ(client_.reply().at("result"), 1);
    EXPECT_EQ(host_.quota.held(Held::kSlabs), 0U);
  }
}

TEST_F(SessionTest, A_request_is_cancelled_by_the_name_that_the_client_gave_it) {
  client_.hello({"pipeline", "cancel"});
  client_.send(infer("a"));
  client_.send(infer("b"));
  const auto cancel = [&](const json::value& id) {
    return client_.ask({{"action", "cancel"}, {"request_id_to_cancel", id}, {"request_id", 9}});
  };
  EXPECT_EQ(cancel("b"), json::object({{"status", "ok"}, {"cancelled", true}, {"request_id", 9}}));
  EXPECT_EQ(host_.cancelled, std::vector<broker::RequestId>{2});
  EXPECT_EQ(cancel("c").at("cancelled"), false);
  EXPECT_EQ(cancel(nullptr).at("error"), "request_id_to_cancel required");
  host_.cancels = false;
  EXPECT_EQ(cancel("a").at("cancelled"), false) << "it has ended meanwhile";
  EXPECT_EQ(client_.session().request_id(2), R"("b")");
  host_.fail_with(2, {ErrorCode::kCancelled, "cancelled"});
  EXPECT_EQ(client_.reply().at("code"), "cancelled");
  EXPECT_EQ(client_.session().request_id(2), "");
}

TEST_F(SessionTest, One_for_whom_there_is_no_memory_goes_and_no_other) {
  SessionClient other(host_);
  host_.on_submit = [] { throw std::bad_alloc(); };
  client_.send(infer(""));
  EXPECT_TRUE(client_.is_hung_up());
  host_.on_submit = nullptr;
  other.send(infer(""));
  EXPECT_EQ(host_.submitted.size(), 1U);
}

}  // namespace
}  // namespace npu::manager
