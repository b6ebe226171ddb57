#include "manager/clients/request_fields.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace npu::manager {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

json::object object_of(std::string_view text) { return json::parse(text).as_object(); }

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "" : result.error().message;
}

TEST(RequestFields, An_action_is_a_text_and_what_is_not_is_quoted) {
  EXPECT_EQ(action_of(object_of(R"({"action":"infer"})")).value(), "infer");
  EXPECT_EQ(action_of(object_of(R"({"action":"dance"})")).value(), "dance") << "whatever it says";
  const auto error = [](std::string_view text) { return error_of(action_of(object_of(text))); };
  EXPECT_EQ(error("{}"), "Unknown action: None");
  EXPECT_EQ(error(R"({"action":null})"), "Unknown action: None");
  EXPECT_EQ(error(R"({"action":true})"), "Unknown action: True");
  EXPECT_EQ(error(R"({"action":false})"), "Unknown action: False");
  EXPECT_EQ(error(R"({"action":7})"), "Unknown action: 7");
  EXPECT_EQ(error(R"({"action":[1]})"), "Unknown action: [1]");
}

TEST(RequestFields, A_long_action_is_cut_between_characters) {
  const std::string cut = unknown_action(std::string(1000, 'x')).message;
  EXPECT_EQ(cut, "Unknown action: " + std::string(200, 'x'));
  const std::string euros = unknown_action(std::string(199, 'x') + "\xe2\x82\xac").message;
  EXPECT_EQ(euros, "Unknown action: " + std::string(199, 'x'));
  const std::string list = error_of(action_of({{"action", json::array(1000, 1)}}));
  EXPECT_EQ(list.size(), 16U + 200U);
}

TEST(RequestFields, An_id_is_any_value_as_it_was_written) {
  const auto id = [](std::string_view text) {
    return id_of(object_of(text), "request_id", text).value();
  };
  EXPECT_EQ(id("{}"), "");
  EXPECT_EQ(id(R"({"request_id":null})"), "");
  EXPECT_EQ(id(R"({"request_id":"a\"b"})"), R"("a\"b")");
  EXPECT_EQ(id(R"({"request_id":7})"), "7");
  EXPECT_EQ(id(R"({"request_id":1.50})"), "1.50") << "and not 1.5E0";
  EXPECT_EQ(id(R"({"request_id":1e3})"), "1e3");
  EXPECT_EQ(id(R"({"request_id":{"a":[1,""]}})"), R"({"a":[1,""]})");
}

TEST(RequestFields, An_id_takes_256_bytes_at_most) {
  const auto id = [](std::size_t letters) {
    const json::object body{{"request_id", json::string(letters, 'x')}};
    return id_of(body, "request_id", json::serialize(body));
  };
  EXPECT_EQ(id(254).value().size(), kMaxIdBytes);
  EXPECT_EQ(id(255).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_of(id(255)), "request_id must take at most 256 bytes as JSON text");
  const std::string number = R"({"request_id":1.)" + std::string(300, '5') + "}";
  EXPECT_FALSE(id_of(object_of(number), "request_id", number));
}

TEST(RequestFields, Only_fields_of_requests_are_kept_of_a_long_text) {
  json::object body{{"action", "infer"}, {"junk", 1}, {"model_path", "/m"}, {"input_data", 1}};
  EXPECT_TRUE(keep_fields(body));
  EXPECT_EQ(body, json::object({{"action", "infer"}, {"model_path", "/m"}}));
}

TEST(RequestFields, A_field_takes_64_kilobytes_at_most) {
  constexpr std::size_t kMost = std::size_t{64} << 10;
  json::object body{{"action", "infer"}, {"model_path", json::string(kMost - 2, 'x')}};
  EXPECT_TRUE(keep_fields(body));
  body["model_path"] = json::string(kMost - 1, 'x');
  body["size"] = json::string(kMost, 'x');
  const Status kept = keep_fields(body);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(kept.error().message, "model_path must take at most 65536 bytes as JSON text")
      << "the first of them";
  EXPECT_EQ(body, json::object({{"action", "infer"}}));
}

TEST(RequestFields, What_goes_into_the_log_is_one_short_line) {
  EXPECT_EQ(for_log("a\nb\x1b[31m\xc3\xa9\x7f"), "a?b?[31m???");
  EXPECT_EQ(for_log(std::string(1000, 'x')).size(), 200U);
}

TEST(RequestFields, A_model_is_a_path_and_of_type_vlm_unless_it_is_said) {
  const auto body = object_of(R"({"model_path":"/m","model_params":{"a":1}})");
  const auto fields = model_fields(body, "missing").value();
  EXPECT_EQ(fields.path, "/m");
  EXPECT_EQ(fields.type, "vlm");
  EXPECT_EQ(*fields.params, object_of(R"({"a":1})"));
  const auto empty = object_of(R"({"model_path":"/m","model_type":"depth","model_params":{}})");
  EXPECT_EQ(model_fields(empty, "missing").value().type, "depth");
  EXPECT_EQ(model_fields(empty, "missing").value().params, nullptr);
}

TEST(RequestFields, What_says_no_model_is_told_what_is_missing_or_wrong) {
  const auto error = [](std::string_view text) {
    return error_of(model_fields(object_of(text), "model_path required"));
  };
  EXPECT_EQ(error("{}"), "model_path required");
  EXPECT_EQ(error(R"({"model_path":""})"), "model_path required");
  EXPECT_EQ(error(R"({"model_path":7})"), "model_path must be a string, got 7");
  EXPECT_EQ(error(R"({"model_path":"/m","model_type":7})"), "model_type must be a string, got 7");
  EXPECT_EQ(error(R"({"model_path":"/m","model_params":[]})"),
            "model_params must be an object, got a list");
}

TEST(RequestFields, What_a_request_wants_of_the_queue_is_read_as_it_is_meant) {
  const auto plain = policy_fields({}).value();
  EXPECT_EQ(plain.priority, Priority::kInteractive);
  EXPECT_FALSE(plain.timeout);
  EXPECT_FALSE(plain.keep_alive);
  EXPECT_FALSE(plain.pin);
  const auto all =
      policy_fields(
          object_of(R"({"priority":"batch","timeout_ms":5,"keep_alive":1.5,"pin":false})"))
          .value();
  EXPECT_EQ(all.priority, Priority::kBatch);
  EXPECT_EQ(all.timeout, 5ms);
  EXPECT_EQ(all.keep_alive, Duration(1500ms));
  EXPECT_EQ(all.pin, false);
  const auto keep_alive = [](double seconds) {
    return policy_fields({{"keep_alive", seconds}}).value().keep_alive;
  };
  EXPECT_EQ(keep_alive(0), Duration(0));
  EXPECT_EQ(keep_alive(-1), Duration::max()) << "for ever";
  EXPECT_EQ(keep_alive(1e300), Duration::max()) << "longer than time can be counted";
}

TEST(RequestFields, What_cannot_be_meant_is_told_with_what_can) {
  const auto error = [](std::string_view text) { return error_of(policy_fields(object_of(text))); };
  EXPECT_EQ(error(R"({"priority":"urgent"})"),
            R"(priority must be realtime, interactive or batch, got "urgent")");
  EXPECT_EQ(error(R"({"priority":1})"), "priority must be realtime, interactive or batch, got 1");
  EXPECT_EQ(error(R"({"timeout_ms":0})"),
            "timeout_ms must be a whole number in 1..86400000, got 0");
  EXPECT_EQ(error(R"({"timeout_ms":86400001})"),
            "timeout_ms must be a whole number in 1..86400000, got 86400001");
  EXPECT_EQ(error(R"({"keep_alive":"long"})"),
            R"(keep_alive must be a number of seconds, got "long")");
  EXPECT_EQ(error(R"({"pin":1})"), "pin must be true or false, got 1");
}

}  // namespace
}  // namespace npu::manager
