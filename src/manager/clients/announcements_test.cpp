#include "manager/clients/announcements.hpp"

#include <string>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

namespace json = boost::json;

json::object event(std::string_view what, std::int64_t number) {
  return {{"event", what}, {"number", number}};
}

TEST(Announcements, Of_a_state_the_latest_is_told) {
  Announcements pending;
  EXPECT_TRUE(pending.empty());
  pending.model("b", event("model", 1));
  pending.model("a", event("model", 2));
  pending.model("b", event("model", 3));
  pending.device(event("device", 4));
  pending.device(event("device", 5));
  EXPECT_EQ(pending.next(), event("device", 5));
  EXPECT_EQ(pending.next(), event("model", 2));
  EXPECT_EQ(pending.next(), event("model", 3));
  EXPECT_TRUE(pending.empty());
}

TEST(Announcements, Who_is_behind_by_many_models_is_told_to_look) {
  Announcements pending;
  for (std::size_t i = 0; i < 2 * Announcements::kMostModels; ++i) {
    pending.model(std::to_string(i), event("model", 1));
  }
  EXPECT_EQ(pending.next(), (json::object{{"event", "models"}, {"state", "changed"}}));
  EXPECT_TRUE(pending.empty());
  pending.model("a", event("model", 2));
  EXPECT_EQ(pending.next(), event("model", 2));
}

TEST(Announcements, Steps_that_do_not_fit_are_counted_where_they_are_missing) {
  Announcements pending;
  const auto most = static_cast<std::int64_t>(Announcements::kMostSteps);
  for (std::int64_t i = 0; i < most + 3; ++i) pending.step(event("request", i));
  EXPECT_EQ(pending.next(), event("request", 0));
  pending.step(event("request", most + 3));
  for (std::int64_t i = 1; i < most; ++i) EXPECT_EQ(pending.next(), event("request", i));
  const json::object missed = pending.next();
  EXPECT_EQ(missed.at("event"), "missed");
  EXPECT_EQ(missed.at("count").to_number<std::int64_t>(), 4);
  EXPECT_TRUE(pending.empty());
  pending.step(event("request", 7));
  EXPECT_EQ(pending.next(), event("request", 7));
}

}  // namespace
}  // namespace npu::manager
