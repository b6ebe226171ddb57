#include "services/detect/frigate/message.hpp"

#include <array>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::detect::frigate {
namespace {

using ::testing::HasSubstr;

Result<Message> read(std::string_view header, std::string_view pixels) {
  const std::array<std::string_view, 2> parts{header, pixels};
  return read_message(parts);
}
Result<Message> read(std::string_view header) {
  const std::array<std::string_view, 1> parts{header};
  return read_message(parts);
}
std::string error_of(const Result<Message>& read) { return read ? "" : read.error().message; }

TEST(FrigateMessage, Frames_come_row_by_row_or_colour_by_colour) {
  const std::string pixels(static_cast<std::size_t>(4) * 2 * 3, 'x');
  const auto rows =
      read(R"({"shape": [1, 2, 4, 3], "dtype": "uint8", "model_type": "yolonas"})", pixels);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(std::get<Frame>(*rows).size, (media::Size{4, 2}));
  EXPECT_FALSE(std::get<Frame>(*rows).planar);
  EXPECT_EQ(std::get<Frame>(*rows).pixels.data(), pixels.data());
  const auto planes = read(R"({"shape": [1, 3, 2, 4], "dtype": "uint8"})", pixels);
  ASSERT_TRUE(planes) << planes.error().message;
  EXPECT_EQ(std::get<Frame>(*planes).size, (media::Size{4, 2}));
  EXPECT_TRUE(std::get<Frame>(*planes).planar);
}

TEST(FrigateMessage, A_model_is_asked_for_and_brought) {
  const auto question = read(R"({"model_request": true, "model_name": "a.onnx"})");
  ASSERT_TRUE(question);
  EXPECT_EQ(std::get<ModelQuestion>(*question).name, "a.onnx");
  const auto bytes = read(R"({"model_data": true, "model_name": "a.onnx"})", "bytes");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(std::get<ModelBytes>(*bytes).name, "a.onnx");
}

TEST(FrigateMessage, What_cannot_be_used_is_told_with_what_would_do) {
  const std::string pixels(24, 'x');
  EXPECT_THAT(error_of(read("not JSON", pixels)), HasSubstr("must be a JSON object, syntax error"));
  EXPECT_THAT(error_of(read("[1]", pixels)), HasSubstr("it is not"));
  EXPECT_THAT(error_of(read(std::string(5000, ' '), pixels)), HasSubstr("at most 4096 bytes"));
  EXPECT_THAT(error_of(read_message({})), HasSubstr("begin with a header"));
  EXPECT_THAT(error_of(read(R"({"model_request": true})")), HasSubstr("model_name"));
  EXPECT_THAT(error_of(read(R"({"shape": [1, 2, 4, 3], "dtype": "uint8"})")),
              HasSubstr("two parts"));
  EXPECT_THAT(error_of(read(R"({"shape": [1, 2, 4, 3], "dtype": "float32"})", pixels)),
              HasSubstr("input_dtype: int"));
  EXPECT_THAT(error_of(read(R"({"shape": [1, 2, 4, 3]})", pixels)), HasSubstr("dtype ?"));
  EXPECT_THAT(error_of(read(R"({"shape": [1, 2, 4], "dtype": "uint8"})", pixels)),
              HasSubstr("input_tensor: nhwc"));
  EXPECT_THAT(error_of(read(R"({"shape": [2, 2, 2, 3], "dtype": "uint8"})", pixels)),
              HasSubstr("[2, 2, 2, 3]"));
  EXPECT_THAT(error_of(read(R"({"shape": [1, 2, 4, 4], "dtype": "uint8"})", pixels)),
              HasSubstr("[1, 2, 4, 4]"));
  for (const char* side : {"0", "-1", "4097", "1e3", "\"2\"", "9223372036854775807"}) {
    const std::string shape =
        std::string(R"({"shape": [1, )") + side + R"(, 4, 3], "dtype": "uint8"})";
    EXPECT_THAT(error_of(read(shape, pixels)), HasSubstr("in 1..4096")) << side;
  }
  EXPECT_EQ(error_of(read(R"({"shape": [1, 2, 4, 3], "dtype": "uint8"})", "x")),
            "a frame of 4 x 2 pixels has 24 bytes, 1 came");
}

TEST(FrigateMessage, Rows_are_the_best_twenty_in_shares_of_the_frame) {
  std::vector<Found> found(21, {{{10, 20}, {30, 40}}, 0.5F, 7});
  found[0] = {{{0, 0}, {200, 100}}, 0.9F, 2};
  const std::string bytes = rows_of(found, {200, 100});
  ASSERT_EQ(bytes.size(), kReplyBytes);
  std::array<float, kRows * kColumns> rows{};
  std::memcpy(rows.data(), bytes.data(), bytes.size());
  const auto row = [&](std::size_t i) {
    return std::vector<float>(rows.begin() + static_cast<std::ptrdiff_t>(i * kColumns),
                              rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * kColumns));
  };
  EXPECT_EQ(row(0), (std::vector<float>{2, 0.9F, 0, 0, 1, 1}));
  EXPECT_EQ(row(19), (std::vector<float>{7, 0.5F, 0.2F, 0.05F, 0.4F, 0.15F}));
  EXPECT_EQ(rows_of({}, {200, 100}), std::string(kReplyBytes, '\0'));
}

TEST(FrigateMessage, A_model_is_known_by_its_name_without_folder_and_ending) {
  EXPECT_TRUE(is_model("yolov8s.onnx", "yolov8s"));
  EXPECT_TRUE(is_model("yolov8s", "yolov8s"));
  EXPECT_TRUE(is_model("/config/yolov8s.hef", "yolov8s.hef"));
  EXPECT_FALSE(is_model("yolov8m.onnx", "yolov8s"));
  EXPECT_FALSE(is_model("", "yolov8s"));
  EXPECT_FALSE(is_model(".onnx", "yolov8s"));
}

}  // namespace
}  // namespace npu::detect::frigate
