#include "services/depth/upload.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/json_text.hpp"

namespace npu::depth {
namespace {

namespace json = boost::json;

http::Request json_request(std::string body) {
  http::Request request;
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.body = std::move(body);
  return request;
}

http::Request form_request(std::vector<std::pair<std::string, std::string>> fields) {
  http::Request request;
  request.headers.set("Content-Type", "multipart/form-data; boundary=b");
  for (const auto& [name, value] : fields) {
    request.body +=
        "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  request.body += "--b--\r\n";
  return request;
}

Error error_of(const http::Request& request, UploadLimits limits = {}) {
  const auto upload = parse_upload(request, {}, limits);
  EXPECT_FALSE(upload);
  return upload ? Error{} : upload.error();
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Upload, A_form_carries_bytes_and_options) {
  const auto request = form_request({{"output_format", "depth_png_16"},
                                     {"normalize", "TRUE"},
                                     {"colormap", "jet"},
                                     {"representation", "depth"},
                                     {"image_right", "r"},
                                     {"other", "x"},
                                     {"image", "bytes"}});
  const auto upload = parse_upload(request, {}, {});
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_EQ(text_of(upload->image), "bytes");
  EXPECT_EQ(upload->options.format, OutputFormat::kDepthPng16);
  EXPECT_EQ(upload->options.colormap, media::Colormap::kJet);
  EXPECT_EQ(upload->options.representation, Representation::kDepth);
  EXPECT_TRUE(upload->options.normalize);
  EXPECT_TRUE(upload->options.auto_orient);
  const auto off = form_request({{"normalize", "1"}, {"auto_orient", "false"}, {"image", "x"}});
  EXPECT_FALSE(parse_upload(off, {}, {})->options.normalize);
  EXPECT_FALSE(parse_upload(off, {}, {})->options.auto_orient);
  const auto json = json_request(R"({"image": "aGVsbG8=", "auto_orient": false})");
  EXPECT_FALSE(parse_upload(json, {}, {})->options.auto_orient);
}

TEST(Upload, Json_carries_base64_with_or_without_a_prefix_and_line_breaks) {
  for (const char* image : {"aGVsbG8=", "data:image/png;base64,aGVsbG8=", "aGVs\\nbG8=\\r\\n"}) {
    const auto request = json_request(std::string(R"({"image": ")") + image + R"("})");
    const auto upload = parse_upload(request, {}, {});
    ASSERT_TRUE(upload) << upload.error().message;
    EXPECT_EQ(text_of(upload->image), "hello");
  }
}

TEST(Upload, Null_means_the_configured_default) {
  EstimateOptions defaults;
  defaults.format = OutputFormat::kNumpy;
  defaults.normalize = false;
  defaults.normalize_echo = false;
  const auto request = json_request(
      R"({"image": "aGVsbG8=", "output_format": null, "normalize": null, "colormap": null})");
  const auto upload = parse_upload(request, defaults, {});
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->options.format, OutputFormat::kNumpy);
  EXPECT_FALSE(upload->options.normalize);
}

TEST(Upload, Normalize_counts_by_truth_and_is_echoed_as_given) {
  const std::vector<std::tuple<const char*, bool, json::value>> cases{
      {"true", true, true},         {"false", false, false}, {"\"True\"", true, true},
      {"\"yes\"", false, false},    {"1", true, 1},          {"0", false, 0},
      {"[]", false, json::array{}}, {"2.5", true, 2.5}};
  for (const auto& [text, on, echo] : cases) {
    const auto request =
        json_request(std::string(R"({"image": "aGVsbG8=", "normalize": )") + text + "}");
    const auto upload = parse_upload(request, {}, {});
    ASSERT_TRUE(upload) << text;
    EXPECT_EQ(upload->options.normalize, on) << text;
    EXPECT_EQ(upload->options.normalize_echo, echo) << text;
  }
}

TEST(Upload, What_is_missing_is_named) {
  EXPECT_EQ(error_of(form_request({{"other", "x"}})).message, "Missing 'image' field");
  EXPECT_EQ(error_of(form_request({{"image", ""}})).message, "Missing 'image' field");
  for (const char* body :
       {"{}", "[]", "\"x\"", R"({"image": null})", R"({"image_url": "http://x/"})"}) {
    EXPECT_EQ(error_of(json_request(body)).message, "Missing 'image' or 'image_url' field") << body;
    EXPECT_EQ(error_of(json_request(body)).code, ErrorCode::kInvalidArgument);
  }
}

TEST(Upload, A_url_counts_only_where_it_is_allowed) {
  const auto upload =
      parse_upload(json_request(R"({"image_url": "http://x/"})"), {}, {.allow_image_url = true});
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->url, "http://x/");
  EXPECT_EQ(error_of(json_request(R"({"image_url": 7})"), {.allow_image_url = true}).message,
            "'image_url' must be a URL");
}

TEST(Upload, Other_content_types_are_415) {
  http::Request request;
  request.body = "x";
  EXPECT_EQ(error_of(request).code, ErrorCode::kUnsupportedMediaType);
  EXPECT_EQ(error_of(request).message, "Unsupported content type");
  request.headers.set("Content-Type", "image/png");
  EXPECT_EQ(error_of(request).code, ErrorCode::kUnsupportedMediaType);
}

TEST(Upload, Wrong_values_list_what_is_allowed) {
  const auto format = error_of(json_request(R"({"image": "aGVsbG8=", "output_format": "png"})"));
  EXPECT_EQ(format.message,
            "output_format must be one of numpy, image, both, depth_png_16, got 'png'");
  const auto map = error_of(form_request({{"image", "x"}, {"colormap", "hot"}}));
  EXPECT_EQ(map.message, "colormap must be one of viridis, plasma, magma, turbo, jet, got 'hot'");
  EXPECT_EQ(error_of(json_request(R"({"image": "aGVsbG8=", "colormap": 3})")).code,
            ErrorCode::kInvalidArgument);
}

TEST(Upload, Broken_bytes_are_the_clients_mistake) {
  for (const char* body : {"", "{", R"({"image": "a"})", R"({"image": "a*=="})", R"({"image": ""})",
                           R"({"image": 7})", R"({"image": "data:nothing"})"}) {
    const auto error = error_of(json_request(body));
    EXPECT_TRUE(error.code == ErrorCode::kMalformed || error.code == ErrorCode::kInvalidArgument)
        << body << ": " << error.message;
  }
}

TEST(Upload, The_size_of_the_picture_is_limited) {
  const std::string large((1 << 20) + 1, 'x');
  const auto error = error_of(form_request({{"image", large}}), {.max_image_mb = 1});
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "Image exceeds 1MB limit");
}

}  // namespace
}  // namespace npu::depth
