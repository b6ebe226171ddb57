#include "cli/text.hpp"

#include <cmath>

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "cli/status_text.hpp"

namespace npu::cli {
namespace {

namespace json = boost::json;

ClientTensor floats(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  Tensor tensor{DType::kFloat32,
                {static_cast<std::int64_t>(values.size())},
                std::vector<std::byte>(bytes.begin(), bytes.end())};
  return ClientTensor::own(std::move(tensor));
}

TEST(Text, Durations_read_naturally) {
  EXPECT_EQ(duration(12.9), "12 s");
  EXPECT_EQ(duration(423), "7 min 03 s");
  EXPECT_EQ(duration(7500), "2 h 05 min");
  EXPECT_EQ(duration(273600), "3 d 4 h");
  EXPECT_EQ(duration(-1), "0 s");
  EXPECT_EQ(milliseconds(0.25), "250 us");
  EXPECT_EQ(milliseconds(12.5), "12.50 ms");
  EXPECT_EQ(milliseconds(2100), "2.10 s");
}

TEST(Text, Percentiles_are_values_that_occurred) {
  EXPECT_EQ(percentile({1}, 0.99), 1);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 0.5), 2);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 0.99), 4);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 0.0), 1);
}

TEST(Text, A_models_name_cannot_drive_the_terminal) {
  EXPECT_EQ(table({{"A", "B"}, {"long", "x\x1b[2J"}}), "A     B\nlong  x\\x1b[2J\n");
  EXPECT_EQ(table({{"A", "B"}, {"\n", "x"}}), "A     B\n\\x0a  x\n");
}

TEST(Text, Summaries_leave_out_what_is_not_a_number) {
  EXPECT_EQ(summary(floats({1, NAN, 3})), "float32 (3,) min 1 max 3 mean 2");
  EXPECT_EQ(summary(floats({NAN})), "float32 (1,)");
  EXPECT_EQ(summary(floats({})), "float32 (0,)");
}

ManagerStatus status_of(std::string_view text) {
  return ManagerStatus::from(json::parse({text.data(), text.size()}).as_object());
}

TEST(StatusText, Models_that_are_refused_are_listed) {
  const auto status = status_of(R"({"refused_models":[
      {"model_type":"depth","model_path":"/m/bad.onnx","reason":"it has ended its worker once"},
      7]})");
  EXPECT_NE(
      describe_status(status, nullptr).find("depth /m/bad.onnx: it has ended its worker once"),
      std::string::npos);
  EXPECT_EQ(describe_status(status_of(R"({"refused_models":1})"), nullptr).find("refused"),
            std::string::npos);
}

TEST(StatusText, Models_that_are_not_shown_are_counted) {
  const auto status = status_of(R"({"loaded_models_left_out":7,"loaded_models":[
      {"model_type":"depth","model_path":"/m/a.onnx"}]})");
  EXPECT_NE(describe_status(status, nullptr).find("models     8"), std::string::npos);
  EXPECT_TRUE(describe_models(status, 0).ends_with("and 7 more\n"));
}

TEST(StatusText, What_the_manager_does_not_say_is_a_dash) {
  const auto status = status_of(R"({"uptime_seconds":"x","queue_depth":[],"loaded_models":{},
      "device_id":null,"total_lru_evictions":3})");
  EXPECT_NE(describe_status(status, nullptr).find("evictions  3"), std::string::npos);
  EXPECT_NE(describe_status(status, nullptr).find("queue      -"), std::string::npos);
  EXPECT_EQ(describe_models(status, 0), "no model is loaded\n");
  const auto odd = status_of(R"({"loaded_models":[1,{"model_path":7}]})");
  EXPECT_EQ(describe_models(odd, 0), "TYPE  LOADED  USED  MODEL\n-     -       -     -\n");
}

}  // namespace
}  // namespace npu::cli
