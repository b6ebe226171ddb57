// Bytes from the examples of protobuf.dev/programming-guides/encoding.
#include "base/protobuf_reader.hpp"

#include <string>

#include <gtest/gtest.h>

namespace npu {
namespace {

using std::string_literals::operator""s;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(ProtobufReader, Fields_are_read_as_the_published_examples_say) {
  const std::string message =
      "\x08\x96\x01"s           // 1: 150
      "\x12\x07testing"s        // 2: "testing"
      "\x1a\x03\x08\x96\x01"s;  // 3: {1: 150}
  ProtobufReader reader(bytes_of(message));
  auto field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->key(), protobuf_key(1, WireType::kVarint));
  EXPECT_EQ(field->value, 150U);
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->key(), protobuf_key(2, WireType::kBytes));
  EXPECT_EQ(field->text(), "testing");
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->number, 3U);
  EXPECT_EQ(ProtobufReader(field->bytes).next()->value, 150U);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.damaged());
}

TEST(ProtobufReader, Fixed_numbers_are_little_endian) {
  const std::string message =
      "\x0d\x00\x00\x80\x3f"s                   // 1: 1.0f
      "\x11\x00\x00\x00\x00\x00\x00\x04\xc0"s;  // 2: -2.5
  ProtobufReader reader(bytes_of(message));
  EXPECT_EQ(reader.next()->as_float(), 1.0F);
  EXPECT_EQ(reader.next()->as_double(), -2.5);
}

TEST(ProtobufReader, Packed_numbers_are_taken_one_by_one) {
  const std::string packed = "\x03\x8e\x02\x9e\xa7\x05"s;  // the published example: 3, 270, 86942
  ProtobufReader whole(bytes_of(packed));
  EXPECT_EQ(whole.next_varint(), 3U);
  EXPECT_EQ(whole.next_varint(), 270U);
  EXPECT_EQ(whole.next_varint(), 86942U);
  EXPECT_FALSE(whole.next_varint());
  EXPECT_FALSE(whole.damaged());

  const std::string seven_bytes(7, '\0');
  ProtobufReader cut(bytes_of(seven_bytes));
  EXPECT_EQ(cut.next_float(), 0.0F);
  EXPECT_FALSE(cut.next_float());
  EXPECT_TRUE(cut.damaged());
  ProtobufReader cut_double(bytes_of(seven_bytes));
  EXPECT_FALSE(cut_double.next_double());
  EXPECT_TRUE(cut_double.damaged());
}

TEST(ProtobufReader, What_is_no_message_is_damaged_and_nothing_outside_is_read) {
  const std::string cases[] = {
      "\x08"s,                                              // a number without its value
      "\x08\x96"s,                                          // a varint that goes on
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // of eleven bytes
      "\x12\x08testing"s,                                   // one byte less than it says
      "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,      // 2^64 - 1 bytes
      "\x0d\x00\x00\x80"s,                                  // three bytes of four
      "\x0b\x0c"s,                                          // a group
      "\x0e"s,                                              // a wire type that there is not
      "\x00\x01"s,                                          // field 0
      "\x80\x80\x80\x80\x10\x01"s,                          // field 2^29
  };
  for (const auto& message : cases) {
    ProtobufReader reader(bytes_of(message));
    while (reader.next()) {
    }
    EXPECT_TRUE(reader.damaged()) << testing::PrintToString(message);
    EXPECT_FALSE(reader.next());
  }
}

}  // namespace
}  // namespace npu
