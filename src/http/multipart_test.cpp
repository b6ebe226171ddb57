#include "http/multipart.hpp"

#include <gtest/gtest.h>

#include "http/media_type.hpp"

namespace npu::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string body_of(std::string_view data, std::string_view extra_header = "") {
  std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n";
  body.append(extra_header).append("\r\n").append(data).append("\r\n--XX--\r\n");
  return body;
}

ErrorCode code_of(std::string_view body, std::string_view type = kType,
                  MultipartLimits limits = {}) {
  const auto parsed = Multipart::parse(type, body, limits);
  EXPECT_FALSE(parsed) << body;
  return parsed ? ErrorCode::kInternal : parsed.error().code;
}

TEST(Multipart, Parts_are_views_into_the_body) {
  constexpr std::string_view body =
      "preamble\r\n--XX \t\r\ncontent-disposition: FORM-DATA; filename=\"x;y\"; name=image\r\n"
      "Content-Type: image/png\r\n\r\nPNG\r\n\0\r\n-\r\n--XX\r\n"
      "Content-Disposition: form-data; name=\"output_format\"\r\n\r\n\r\n--XX--epilogue"sv;
  const std::string text(body);
  const auto form = Multipart::parse(kType, text);
  ASSERT_TRUE(form) << form.error().message;
  ASSERT_EQ(form->parts().size(), 2U);
  const Part* image = form->find("image");
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(image->filename, "x;y");
  EXPECT_EQ(image->content_type, "image/png");
  EXPECT_GE(image->data.data(), text.data());
  EXPECT_LE(image->data.data() + image->data.size(), text.data() + text.size());
  EXPECT_EQ(form->find("output_format")->data, "");
  EXPECT_EQ(form->find("absent"), nullptr);
}

TEST(Multipart, Bytes_that_resemble_the_boundary_belong_to_the_part) {
  const std::string data("\r\n--X\r\n--XXY\r\n\0--XX\r\n--", 24);
  const std::string body = body_of(data);
  const auto form = Multipart::parse(kType, body);
  // A delimiter line inside the data would end it; "--XX" not at a line start does not.
  ASSERT_TRUE(form) << form.error().message;
  EXPECT_EQ(form->find("image")->data, data);
}

TEST(Multipart, Every_truncation_is_refused) {
  const std::string body = body_of("0123456789");
  const std::size_t complete = body.size() - 2;  // the last line end is optional
  for (std::size_t size = 0; size < complete; ++size) {
    EXPECT_EQ(code_of(std::string_view(body).substr(0, size)), ErrorCode::kMalformed) << size;
  }
  EXPECT_TRUE(Multipart::parse(kType, std::string_view(body).substr(0, complete)));
}

TEST(Multipart, Whatever_clients_use_is_a_boundary) {
  for (const std::string& boundary :
       {std::string("*****"), std::string("----=_Part_1@host"), std::string("AaB03x#1"),
        std::string("{5bb3aa}"), std::string("----WebKitFormBoundary7MA4YWxkTrZu0gW"),
        std::string("a\"b\\c"), std::string("x y"), std::string(200, 'b')}) {
    std::string quoted;
    for (const char c : boundary) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    const std::string body =
        "--" + boundary + "\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\ndata\r\n--" +
        boundary + "--\r\n";
    const auto form =
        Multipart::parse("multipart/form-data; boundary=\"" + quoted + "\"; a=b", body);
    ASSERT_TRUE(form) << boundary << ": " << form.error().message;
    EXPECT_EQ(form->find("image")->data, "data");
    if (quoted != boundary) continue;
    EXPECT_TRUE(Multipart::parse("multipart/form-data; boundary=" + boundary, body)) << boundary;
  }
}

TEST(Multipart, A_missing_or_impossible_boundary_is_refused) {
  const std::string body = body_of("x");
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=YY",
                           "multipart/form-data; boundary=\"unclosed"}) {
    EXPECT_EQ(code_of(body, type), ErrorCode::kMalformed) << type;
  }
  const std::string longest = "multipart/form-data; boundary=" + std::string(257, 'X');
  EXPECT_EQ(code_of(body, longest), ErrorCode::kMalformed);
}

TEST(Multipart, A_part_without_a_name_is_refused) {
  EXPECT_EQ(code_of("--XX\r\n\r\ndata\r\n--XX--"), ErrorCode::kMalformed);
  EXPECT_EQ(code_of("--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--"),
            ErrorCode::kMalformed);
  EXPECT_EQ(code_of("--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--"),
            ErrorCode::kMalformed);
  EXPECT_EQ(code_of("--XX\r\nno colon\r\n\r\nx\r\n--XX--"), ErrorCode::kMalformed);
}

TEST(Multipart, Transfer_encodings_that_would_need_decoding_are_refused) {
  EXPECT_EQ(code_of(body_of("eA==", "Content-Transfer-Encoding: base64\r\n")),
            ErrorCode::kMalformed);
  EXPECT_TRUE(Multipart::parse(kType, body_of("x", "Content-Transfer-Encoding: binary\r\n")));
}

TEST(Multipart, Limits_hold) {
  std::string many;
  for (int i = 0; i < 3; ++i) many += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  many += "--XX--";
  EXPECT_TRUE(Multipart::parse(kType, many, {.max_parts = 3}));
  EXPECT_EQ(code_of(many, kType, {.max_parts = 2}), ErrorCode::kTooLarge);
  const std::string header = "X-Long: " + std::string(300, 'x') + "\r\n";
  EXPECT_EQ(code_of(body_of("x", header), kType, {.max_part_header_bytes = 200}),
            ErrorCode::kTooLarge);
  EXPECT_TRUE(Multipart::parse(kType, body_of("x", header), {.max_part_header_bytes = 500}));
}

TEST(MediaType, Parameters_are_found_quoted_or_not) {
  EXPECT_EQ(parameter("a/b; charset=utf-8; Boundary=\"x y\"", "boundary"), "x y");
  EXPECT_EQ(parameter("a/b; flag; q=1", "q"), "1");
  EXPECT_EQ(parameter("a/b; n=\"a\\\"b;c\"; m=2", "m"), "2");
  EXPECT_FALSE(parameter("a/b; n=\"open", "n"));
  EXPECT_FALSE(parameter("a/b", "n"));
}

}  // namespace
}  // namespace npu::http
