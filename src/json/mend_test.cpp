#include "json/mend.hpp"

#include <gtest/gtest.h>

namespace npu::json {
namespace {

TEST(Mend, A_lone_surrogate_becomes_the_replacement_character) {
  for (const auto& [text, mended] : {
           std::pair{R"("\ud83d")", R"("\ufffd")"},
           std::pair{R"("\udE00")", R"("\ufffd")"},
           std::pair{R"("\ud83dx")", R"("\ufffdx")"},
           std::pair{R"("\ud83d\n\ude00")", R"("\ufffd\n\ufffd")"},
           std::pair{R"("\ud83d\u0041")", R"("\ufffd\u0041")"},
           std::pair{R"("\ud83d\ud83d\ude00\ude00")", R"("\ufffd\ud83d\ude00\ufffd")"},
           std::pair{R"({"\ud83d":"\\ud83d"})", R"({"\ufffd":"\\ud83d"})"},
       }) {
    const auto got = mend(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->text, mended);
    EXPECT_FALSE(got->numbers);
  }
}

TEST(Mend, Numbers_that_are_none_become_zero) {
  const auto got = mend(R"([NaN, -Infinity,{"Infinity":Infinity}])");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->text, R"([0  , -0       ,{"Infinity":0       }])");
  EXPECT_TRUE(got->numbers);
}

TEST(Mend, Text_without_them_is_left_alone) {
  for (const char* text :
       {"", "\"", "\"\\", "\"\\u", "\"\\ud83", R"("\ud83d\ude00")", R"("NaN")", R"("\"NaN")",
        R"("\\ud83d")", R"("\ud83g")", "NaN1", "xNaN", "1Infinity", "nan", "Inf", "[NaNNaN]"}) {
    EXPECT_FALSE(mend(text)) << text;
  }
}

}  // namespace
}  // namespace npu::json
