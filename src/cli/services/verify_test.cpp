#include "cli/services/verify.hpp"

#include <deque>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

using std::chrono_literals::operator""ms;
using Outcome = Verdict::Outcome;

class Verify : public testing::Test {
 protected:
  // A clock that only the pauses move.
  Patience patience(Millis limit) {
    Patience out;
    out.limit = limit;
    out.now = [this] { return now_; };
    out.sleep = [this](Millis pause) {
      pauses_.push_back(pause);
      now_ += pause;
    };
    return out;
  }
  // What a service says, one after the other; the last for ever.
  Verdict verify_with(std::deque<Result<HttpAnswer>> answers, Millis limit = 10'000ms) {
    const AskHttp ask = [&, answers](const HttpQuestion& question) mutable -> Result<HttpAnswer> {
      if (question.url.ends_with("/health/ready")) return HttpAnswer{503, readiness_, 0};
      asked_.push_back(question);
      auto next = answers.front();
      if (answers.size() > 1) answers.pop_front();
      return next;
    };
    return verify([&](Millis left) { return try_request(state(), ask, left); }, patience(limit));
  }
  ServiceState state() const {
    ServiceState state;
    state.service = *find_service("detect");
    state.host = "127.0.0.1";
    state.port = 1;  // nobody's, so that this machine's programs do not matter
    return state;
  }

  Millis now_{0};
  std::vector<Millis> pauses_;
  std::vector<HttpQuestion> asked_;
  std::string readiness_ = R"({"ready": false, "reason": "model_loading"})";
};

const auto kNobody = fail(ErrorCode::kUnavailable, "nothing listens there");

TEST_F(Verify, An_answer_passes_with_what_was_found) {
  const auto verdict =
      verify_with({HttpAnswer{200, R"([{"label": "dog"}, {"label": "cat"}])", 0.25}});
  EXPECT_EQ(verdict.result, Outcome::kPassed);
  EXPECT_EQ(verdict.what, "objects: 2");
  EXPECT_DOUBLE_EQ(verdict.request_seconds, 0.25);
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].url, "http://127.0.0.1:1/v1/detect");
  EXPECT_FALSE(asked_[0].picture.empty());
}

TEST_F(Verify, A_socket_and_a_model_are_waited_for_ever_more_rarely) {
  const auto verdict = verify_with({kNobody, kNobody, HttpAnswer{503, "{}", 0},
                                    HttpAnswer{503, "{}", 0}, HttpAnswer{200, "[]", 0.1}});
  EXPECT_EQ(verdict.result, Outcome::kPassed);
  EXPECT_EQ(verdict.what, "no objects in the picture");
  EXPECT_EQ(pauses_, (std::vector<Millis>{100ms, 200ms, 400ms, 800ms}));
  EXPECT_DOUBLE_EQ(verdict.waited_seconds, 1.5);
}

TEST_F(Verify, Waiting_has_an_end_and_says_for_what_it_was) {
  const auto verdict = verify_with({kNobody, HttpAnswer{503, "{}", 0}}, 5000ms);
  EXPECT_EQ(verdict.result, Outcome::kBroken);
  EXPECT_EQ(verdict.what, "model loading");
  EXPECT_LE(now_, 5000ms);
  EXPECT_GT(now_, 2500ms);
}

TEST_F(Verify, A_model_that_is_not_on_the_machine_is_not_waited_for) {
  readiness_ = R"({"ready": false, "reason": "model_loading",
                   "detail": "no file; fetch it: hailoctl pull yolov8s"})";
  const auto verdict = verify_with({HttpAnswer{503, "{}", 0}});
  EXPECT_EQ(verdict.result, Outcome::kBroken);
  EXPECT_EQ(verdict.advice, "Fetch it:  sudo hailoctl pull yolov8s");
  readiness_ = R"x({"ready": false, "reason": "model_loading",
                    "detail": "Model file not found: /x.hef (it has no CPU variant)"})x";
  EXPECT_NE(verify_with({HttpAnswer{503, "{}", 0}}).advice.find("hailoctl models --available"),
            std::string::npos);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(Verify, A_refusal_is_told_in_the_words_of_the_service_at_once) {
  const auto verdict = verify_with({HttpAnswer{400, R"({"error": {"message": "no image"}})", 0}});
  EXPECT_EQ(verdict.result, Outcome::kBroken);
  EXPECT_EQ(verdict.what, "it answers 400: no image");
  EXPECT_TRUE(pauses_.empty());
  const auto keys = verify_with({HttpAnswer{401, R"({"error": "no key"})", 0}});
  EXPECT_NE(keys.what.find("server.api_keys: no key"), std::string::npos);
}

TEST_F(Verify, What_is_no_answer_to_the_request_fails) {
  for (const char* body : {"<html>", "{}", "7", R"({"objects": []})"}) {
    EXPECT_EQ(verify_with({HttpAnswer{200, body, 0}}).result, Outcome::kBroken) << body;
  }
}

TEST(Judge, Looks_where_the_table_says) {
  const SampleRequest depth{.path = "", .picture = "", .found = "depth_map", .what = "depth map"};
  EXPECT_EQ(judge(depth, R"({"depth_map": "UEsDBA=="})").what, "depth map");
  EXPECT_FALSE(judge(depth, R"({"depth_map": ""})").passed);
  EXPECT_EQ(judge(depth, R"({"other": 1})").what, "its answer has no depth_map");
  EXPECT_FALSE(judge(depth, R"({"depth_map": null})").passed);
}

TEST(ErrorIn, Finds_the_words_of_every_dialect) {
  EXPECT_EQ(error_in(R"({"error": "short"})"), "short");
  EXPECT_EQ(error_in(R"({"error": {"code": 3, "message": "long"}})"), "long");
  EXPECT_EQ(error_in(R"({"message": "plain"})"), "plain");
  EXPECT_EQ(error_in("Not Found"), "Not Found");
  EXPECT_EQ(error_in(std::string(5000, 'x')).size(), 300U);
}

}  // namespace
}  // namespace npu::cli
