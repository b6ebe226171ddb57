#include "cli/infer_files.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/files.hpp"
#include "media/image_decode.hpp"
#include "media/npy.hpp"
#include "media/png_encode.hpp"

namespace npu::cli {
namespace {

class InferFiles : public testing::Test {
 protected:
  InferFiles() {
    std::string pattern = std::filesystem::temp_directory_path() / "hailoctl-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
  }
  ~InferFiles() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ / name; }
  std::string picture(int width, int height) const {
    media::Image image(width, height, 3);
    for (std::size_t i = 0; i < image.pixels().size(); ++i)
      image.pixels()[i] = static_cast<std::uint8_t>(i);
    EXPECT_TRUE(write_file(path("in.png"), media::encode_png(image)));
    return path("in.png");
  }

  std::filesystem::path directory_;
  BlockingDeviceClient client_{{.socket_path = "/nonexistent"}};
};

InferResult result_of(Tensor tensor) {
  InferResult result;
  result.value = {{"dtype", "x"}, {"shape", boost::json::array{}}, {"tensor", 0}};
  result.tensors.push_back(ClientTensor::own(std::move(tensor)));
  return result;
}

Tensor ramp(Shape shape, std::size_t count) {
  Tensor tensor{DType::kFloat32, std::move(shape), std::vector<std::byte>(count * 4)};
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(tensor.data.data() + i * 4, &value, 4);
  }
  return tensor;
}

TEST_F(InferFiles, A_picture_is_stretched_to_the_size_that_the_type_takes) {
  const auto input = make_input(client_, "depth", {.file = picture(64, 48)});
  ASSERT_TRUE(input) << input.error().message;
  const auto& field = input->tensor_fields().at(0);
  EXPECT_EQ(field.name, "input");
  EXPECT_EQ(field.tensors.at(0).shape(), (Shape{256, 320, 3}));
  const auto sized =
      make_input(client_, "depth", {.file = picture(64, 48), .size = PictureSize{10, 20}});
  EXPECT_EQ(sized->tensor_fields().at(0).tensors.at(0).shape(), (Shape{20, 10, 3}));
  const auto other = make_input(client_, "unknown", {.file = picture(64, 48)});
  EXPECT_EQ(other->tensor_fields().at(0).tensors.at(0).shape(), (Shape{48, 64, 3}));
}

// As hailo-depth reads it, so that both show the network the same.
TEST_F(InferFiles, A_picture_is_turned_upright) {
  const auto bytes = *read_file(picture(64, 48));
  std::string file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr char kTurned[] =
      "\0\0\0\x1a"
      "eXIfMM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0\0\0\0";
  file.insert(33, kTurned, sizeof(kTurned));  // with the 0 at its end
  ASSERT_TRUE(write_file(path("turned.png"), file));
  const auto input = make_input(client_, "unknown", {.file = path("turned.png")});
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->tensor_fields().at(0).tensors.at(0).shape(), (Shape{64, 48, 3}));
}

TEST_F(InferFiles, An_array_is_sent_as_it_is) {
  const auto tensor = ramp({2, 3}, 6);
  ASSERT_TRUE(write_file(path("a.npy"), media::encode_npy(tensor.view())));
  const auto input = make_input(client_, "pose", {.file = path("a.npy"), .name = "x"});
  ASSERT_TRUE(input) << input.error().message;
  const auto& sent = input->tensor_fields().at(0).tensors.at(0);
  EXPECT_EQ(sent.shape(), (Shape{2, 3}));
  EXPECT_EQ(sent.as<float>()[5], 5.0F);
}

TEST_F(InferFiles, Files_that_are_not_what_they_should_be_are_refused_by_name) {
  for (const auto* name : {"bad.npy", "bad.png"}) {
    for (const std::string content :
         {"", "nonsense", "\x93NUMPY\x01\x00\xff\xff", "\x93NUMPY\x01", "\x89PNG\r\n\x1a\n"}) {
      ASSERT_TRUE(write_file(path(name), content));
      const auto input = make_input(client_, "depth", {.file = path(name)});
      ASSERT_FALSE(input) << name;
      EXPECT_NE(input.error().message.find(name), std::string::npos);
    }
  }
  EXPECT_EQ(make_input(client_, "depth", {.file = path("absent.png")}).error().code,
            ErrorCode::kNotFound);
}

TEST_F(InferFiles, Fields_are_json_or_else_text) {
  const auto input =
      make_input(client_, "clip", {.fields = {"a=1", "b=hello world", "c=[1,2]", "mode=\"text\""}});
  ASSERT_TRUE(input);
  EXPECT_EQ(input->json_fields().at("a"), 1);
  EXPECT_EQ(input->json_fields().at("b"), "hello world");
  EXPECT_EQ(input->json_fields().at("c").as_array().size(), 2U);
  EXPECT_EQ(input->json_fields().at("mode"), "text");
  EXPECT_FALSE(make_input(client_, "clip", {.fields = {"=1"}}));
  EXPECT_FALSE(make_input(client_, "clip", {.fields = {"a"}}));
}

TEST_F(InferFiles, A_prompt_is_what_a_user_says_unless_it_is_written_as_JSON) {
  const auto prompt = [&](InputArguments arguments) {
    const auto input = make_input(client_, "vlm_chat", arguments);
    return input ? boost::json::serialize(input->json_fields().at("prompt")) : "error";
  };
  EXPECT_EQ(prompt({.fields = {"prompt=Hello there"}}),
            R"([{"role":"user","content":[{"type":"text","text":"Hello there"}]}])");
  EXPECT_EQ(prompt({.file = picture(8, 8), .fields = {"prompt=What?"}}),
            R"([{"role":"user","content":[{"type":"image"},{"type":"text","text":"What?"}]}])");
  EXPECT_EQ(prompt({.fields = {R"(prompt="as it is")"}}), R"("as it is")");
  EXPECT_EQ(prompt({.fields = {R"(prompt=[{"role":"user"}])"}}), R"([{"role":"user"}])");
}

TEST_F(InferFiles, Sizes_outside_reason_are_refused) {
  EXPECT_EQ(parse_size("640x480")->width, 640);
  for (const auto* bad : {"", "x", "640", "640x", "x480", "0x1", "-1x1", "1x99999", "1x1x", "1.5x2",
                          "99999999999x1"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST_F(InferFiles, A_depth_map_becomes_a_picture_and_an_array) {
  const auto result = result_of(ramp({4, 5, 1}, 20));
  ASSERT_TRUE(write_result(result, path("o.png"), "viridis"));
  const auto image = media::decode_image(*read_file(path("o.png")));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width(), 5);
  EXPECT_EQ(image->height(), 4);
  EXPECT_NE(image->pixels()[0], image->pixels().back());
  ASSERT_TRUE(write_result(result, path("o.npy"), "viridis"));
  const auto file = *read_file(path("o.npy"));
  EXPECT_EQ(media::decode_npy(file)->shape, (Shape{4, 5, 1}));
  ASSERT_TRUE(write_result(result, path("o.json"), "viridis"));
}

TEST_F(InferFiles, What_cannot_be_written_says_what_can) {
  const auto result = result_of(ramp({20}, 20));
  EXPECT_NE(write_result(result, path("o.png"), "viridis").error().message.find(".npy"),
            std::string::npos);
  EXPECT_NE(write_result(result, path("o.bmp"), "viridis").error().message.find(".png"),
            std::string::npos);
  EXPECT_FALSE(write_result(result_of(ramp({2, 2}, 4)), path("o.png"), "nonsense"));
  EXPECT_FALSE(write_result(result, "/nonexistent/o.npy", "viridis"));
  InferResult text;
  text.value = "hello";
  EXPECT_NE(write_result(text, path("o.npy"), "viridis").error().message.find(".json"),
            std::string::npos);
}

TEST_F(InferFiles, Summaries_keep_the_structure_and_show_the_numbers) {
  InferResult result = result_of(ramp({3}, 3));
  result.value = {{"a", result.value}, {"b", {1, "x"}}};
  const auto summary = summarised(result);
  EXPECT_EQ(summary.at("a").at("max"), 2.0);
  EXPECT_FALSE(summary.at("a").as_object().contains("tensor"));
  EXPECT_EQ(summary.at("b").at(1), "x");
}

}  // namespace
}  // namespace npu::cli
