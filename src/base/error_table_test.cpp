#include "base/error_table.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace npu {
namespace {

constexpr int kLast = static_cast<int>(ErrorCode::kInternal);

TEST(ErrorTable, Every_code_has_its_own_row_and_comes_back_from_its_name) {
  std::set<std::string_view> names;
  for (int i = 0; i <= kLast; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    names.insert(wire_name(code));
    EXPECT_EQ(error_code_from_wire(wire_name(code)), code) << wire_name(code);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kLast) + 1);
  EXPECT_EQ(error_code_from_wire("no such code"), std::nullopt);
}

TEST(ErrorTable, The_callers_mistakes_are_4xx_and_ours_are_5xx) {
  for (const auto code :
       {ErrorCode::kInvalidArgument, ErrorCode::kMalformed, ErrorCode::kNotFound,
        ErrorCode::kTooLarge, ErrorCode::kPermission, ErrorCode::kQuotaExceeded}) {
    EXPECT_EQ(http_status(code) / 100, 4) << wire_name(code);
  }
  for (const auto code : {ErrorCode::kOverloaded, ErrorCode::kDeviceLost, ErrorCode::kUnavailable,
                          ErrorCode::kDeadlineExceeded, ErrorCode::kInternal}) {
    EXPECT_EQ(http_status(code) / 100, 5) << wire_name(code);
  }
}

}  // namespace
}  // namespace npu
