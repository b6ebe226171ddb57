#include "http/content_coding.hpp"

#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::http {
namespace {

using ::testing::HasSubstr;

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

std::string compressed(std::string text, int window) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + ' ';
  return text;
}

TEST(ContentCoding, Reads_what_a_request_says) {
  EXPECT_EQ(content_coding({}), Coding::kIdentity);
  EXPECT_EQ(content_coding({{"content-encoding", "GZip"}}), Coding::kGzip);
  EXPECT_EQ(content_coding({{"Content-Encoding", "x-gzip"}}), Coding::kGzip);
  EXPECT_EQ(content_coding({{"Content-Encoding", "identity, deflate"}}), Coding::kDeflate);
  EXPECT_EQ(content_coding({{"Content-Encoding", ""}}), Coding::kIdentity);
}

TEST(ContentCoding, Others_are_named_in_the_error) {
  for (const char* coding : {"br", "zstd", "compress", "gzip, gzip", "gzip, br"}) {
    const auto found = content_coding({{"Content-Encoding", coding}});
    ASSERT_FALSE(found) << coding;
    EXPECT_EQ(found.error().code, ErrorCode::kUnsupportedMediaType);
    EXPECT_THAT(found.error().message, HasSubstr(coding));
    EXPECT_THAT(found.error().message, HasSubstr("gzip, deflate"));
  }
}

TEST(ContentCoding, Inflates_gzip_and_deflate_with_and_without_a_header) {
  const std::string text = some_text();
  const auto inflated = [](Coding coding, const std::string& body, std::size_t limit) {
    const auto out = inflate_body(coding, body, limit);
    return out ? std::string(out->view()) : out.error().message;
  };
  EXPECT_EQ(inflated(Coding::kGzip, compressed(text, kGzip), text.size()), text);
  EXPECT_EQ(inflated(Coding::kDeflate, compressed(text, kZlib), text.size()), text);
  EXPECT_EQ(inflated(Coding::kDeflate, compressed(text, kRaw), text.size()), text);
  EXPECT_EQ(inflated(Coding::kGzip, compressed("", kGzip), 0), "");
  EXPECT_EQ(inflated(Coding::kGzip, compressed("one", kGzip) + compressed("two", kGzip), 6),
            "onetwo");
}

TEST(ContentCoding, What_is_large_is_inflated_into_a_file) {
  const std::string text = some_text() + some_text();
  const BodySpool spool({.folder = ::testing::TempDir(), .over = 100});
  for (const std::size_t over : {std::size_t{0}, std::size_t{1}}) {
    const auto body =
        inflate_body(Coding::kGzip, compressed(text, kGzip), text.size() - over, &spool);
    ASSERT_EQ(body.has_value(), over == 0);
    if (over != 0) continue;
    EXPECT_GE(body->file(), 0);
    EXPECT_EQ(body->view(), text);
  }
}

TEST(ContentCoding, A_body_over_the_limit_is_not_inflated_further) {
  const std::string text = some_text();
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, text.size() - 1}) {
    const auto inflated = inflate_body(Coding::kGzip, compressed(text, kGzip), limit);
    ASSERT_FALSE(inflated);
    EXPECT_EQ(inflated.error().code, ErrorCode::kTooLarge);
  }
}

TEST(ContentCoding, What_is_cut_off_or_something_else_is_malformed) {
  const std::string whole = compressed(some_text(), kGzip);
  for (const auto& body : {std::string(), whole.substr(0, 5), whole.substr(0, whole.size() / 2),
                           whole.substr(0, whole.size() - 1), whole + "x", std::string("hello"),
                           compressed("zlib", kZlib)}) {
    const auto inflated = inflate_body(Coding::kGzip, body, 1 << 20);
    ASSERT_FALSE(inflated) << body.size();
    EXPECT_EQ(inflated.error().code, ErrorCode::kMalformed);
  }
  EXPECT_FALSE(inflate_body(Coding::kDeflate, "\xff\xff", 100));
  EXPECT_FALSE(inflate_body(Coding::kDeflate, compressed("text", kZlib) + "x", 100));
}

}  // namespace
}  // namespace npu::http
