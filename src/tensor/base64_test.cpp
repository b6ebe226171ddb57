#include "tensor/base64.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace npu {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Result<std::string> decode(std::string_view text) {
  const auto size = base64_decoded_size(text);
  if (!size) return fail(size.error());
  std::string out(*size, '\0');
  if (auto done = base64_decode(text, std::as_writable_bytes(std::span(out))); !done) {
    return fail(done.error());
  }
  return out;
}

TEST(Base64, The_vectors_of_RFC_4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(bytes_of(plain)), encoded);
    EXPECT_EQ(decode(encoded).value(), plain);
  }
}

TEST(Base64, Random_bytes_of_every_small_length_come_back) {
  std::mt19937 random(1);
  for (std::size_t length = 0; length < 300; ++length) {
    std::string plain(length, '\0');
    for (char& c : plain) c = static_cast<char>(random());
    EXPECT_EQ(decode(base64_encode(bytes_of(plain))).value(), plain) << length;
  }
}

TEST(Base64, Pieces_of_any_size_give_the_text_of_the_whole) {
  std::vector<std::byte> bytes(100);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
  for (std::size_t size = 0; size <= bytes.size(); size += 11) {
    const auto whole = std::span(bytes).first(size);
    for (const std::size_t piece : {1, 2, 3, 4, 7, 50}) {
      std::string text = "before";
      Base64Appender appender(text);
      for (std::size_t at = 0; at < size; at += piece) {
        appender.add(whole.subspan(at, std::min(piece, size - at)));
      }
      appender.finish();
      EXPECT_EQ(text, "before" + base64_encode(whole)) << size << " by " << piece;
    }
  }
}

TEST(Base64, What_is_not_base64_is_refused) {
  for (const char* text : {"Zg=", "Z", "Zg==Zg==", "Z===", "====", "Zm9 ", "Zm9v\n", "Zm-v", "Zm_v",
                           "Zh==", "Zm9=", "=AAA", "A=AA"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
  EXPECT_EQ(decode("Zm9vZm*v").error().message, "base64 text has an invalid character at 6");
}

TEST(Base64, An_output_of_the_wrong_size_is_refused) {
  std::byte out[2];
  EXPECT_FALSE(base64_decode("Zm9v", out));
}

}  // namespace
}  // namespace npu
