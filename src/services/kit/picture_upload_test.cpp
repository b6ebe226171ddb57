#include "services/kit/picture_upload.hpp"

#include <gtest/gtest.h>

namespace npu::kit {
namespace {

http::Request json_request(std::string body) {
  http::Request request;
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.body = std::move(body);
  return request;
}

http::Request form_request(std::vector<std::pair<std::string, std::string>> fields) {
  http::Request request;
  request.headers.set("Content-Type", "multipart/form-data; boundary=b");
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  request.body = body + "--b--\r\n";
  return request;
}

Error error_of(http::Request request, const PictureRules& rules = {}) {
  const auto upload = parse_upload(request, rules);
  EXPECT_FALSE(upload);
  return upload ? Error{} : upload.error();
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Upload, A_form_carries_bytes_and_options) {
  auto request = form_request(
      {{"image_right", "r"}, {"label", "cat"}, {"auto_orient", "false"}, {"image", "bytes"}});
  std::string label;
  const auto upload = parse_upload(request, {}, [&](Fields& fields) {
    fields.text("label", label);
    return fields.status();
  });
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_EQ(text_of(upload->image), "bytes");
  EXPECT_EQ(label, "cat");
  EXPECT_FALSE(upload->auto_orient);
  auto without = form_request({{"image", "x"}});
  EXPECT_TRUE(parse_upload(without, {})->auto_orient);
  auto json = json_request(R"({"image": "aGVsbG8=", "auto_orient": false})");
  EXPECT_FALSE(parse_upload(json, {})->auto_orient);
}

TEST(Upload, A_wrong_option_is_told_before_the_picture_is_looked_at) {
  auto request = json_request(R"({"image": "****", "count": "x"})");
  const auto upload = parse_upload(request, {}, [](Fields& fields) {
    int count = 3;
    fields.number("count", count, {.min = 1, .max = 9});
    return fields.status();
  });
  ASSERT_FALSE(upload);
  EXPECT_EQ(upload.error().message, "count must be a whole number in 1..9, got \"x\" (default 3)");
}

TEST(Upload, Json_carries_base64_with_or_without_a_prefix_and_line_breaks) {
  for (const char* image : {"aGVsbG8=", "data:image/png;base64,aGVsbG8=", "aGVs\\nbG8=\\r\\n"}) {
    auto request = json_request(std::string(R"({"image": ")") + image + R"("})");
    const auto upload = parse_upload(request, {});
    ASSERT_TRUE(upload) << upload.error().message;
    EXPECT_EQ(text_of(upload->image), "hello");
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
  auto request = json_request(R"({"image_url": "http://x/"})");
  const auto upload = parse_upload(request, {.allow_image_url = true});
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->url, "http://x/");
  EXPECT_EQ(error_of(json_request(R"({"image_url": 7})"), {.allow_image_url = true}).message,
            "image_url must be a string, got 7");
  EXPECT_EQ(error_of(json_request(R"({"image_url": ""})"), {.allow_image_url = true}).message,
            "image_url must be a URL, got \"\"");
}

TEST(Upload, Other_content_types_are_415) {
  for (const char* type : {"", "image/png"}) {
    http::Request request;
    request.body = std::string("x");
    if (*type != '\0') request.headers.set("Content-Type", type);
    const auto error = error_of(std::move(request));
    EXPECT_EQ(error.code, ErrorCode::kUnsupportedMediaType) << type;
    EXPECT_EQ(error.message, "Unsupported content type") << type;
  }
}

TEST(Upload, Broken_bytes_are_the_clients_mistake) {
  for (const char* body : {"", "{", R"({"image": "a"})", R"({"image": "a*=="})", R"({"image": ""})",
                           R"({"image": 7})", R"({"image": "data:nothing"})"}) {
    const auto error = error_of(json_request(body));
    EXPECT_TRUE(error.code == ErrorCode::kMalformed || error.code == ErrorCode::kInvalidArgument)
        << body << ": " << error.message;
  }
}

TEST(Upload, What_stands_beside_a_picture_is_bounded) {
  const std::string large(2 << 20, 'A');
  auto request = json_request(R"({"image": ")" + large + R"("})");
  EXPECT_TRUE(parse_upload(request, {}));
  const auto error = error_of(json_request(R"({"image": "AAAA", "label": ")" + large + R"("})"));
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "the body is too large: more than 1048576 bytes of strings");
}

TEST(Upload, The_size_of_the_picture_is_limited) {
  const std::string large((1 << 20) + 1, 'x');
  const auto error = error_of(form_request({{"image", large}}), {.max_image_mb = 1});
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "Image exceeds 1MB limit");
}

}  // namespace
}  // namespace npu::kit
