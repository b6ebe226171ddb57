#include "services/clip/clip_service.hpp"

#include <cmath>
#include <latch>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/clip/toy_model_test_support.hpp"
#include "services/kit/routes_test_support.hpp"

namespace npu::clip {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class ClipServiceTest : public kit::RoutesTest {
 protected:
  ClipServiceTest() {
    auto network = std::make_unique<ToyNetwork>(network_);
    toy_ = network.get();
    model_.emplace("toy", std::move(network));
    service_.emplace(files_.config, *model_, pool_);
    service_->add_routes(router_);
    network_.info = toy_info();
  }

  void load() {
    const Status loaded = run(model_->load());
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  json::array classify(json::object fields) {
    const auto answer = post("/v1/classify", std::move(fields));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->at("classifications").as_array() : json::array();
  }

  Result<json::value> post_json(const std::string& path, const json::object& body) {
    http::Request request;
    request.headers.set("Content-Type", "application/json");
    request.body = npu::json::write(body);
    return ask_json(http::Method::kPost, path, std::move(request));
  }

  json::value text_vector(json::object body) {
    const auto answer = post_json("/v1/embed/text", body);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->at("embedding") : json::value();
  }

  ToyFiles files_;
  ToyNetwork* toy_ = nullptr;
  std::optional<kit::Model> model_;
  std::optional<ClipService> service_;
};

TEST_F(ClipServiceTest, The_vocabulary_is_read_on_the_pool) {
  // All threads of the pool are busy: so the load waits, and the event loop does not.
  std::latch begun(static_cast<std::ptrdiff_t>(pool_.threads()));
  std::latch go_on(1);
  for (std::size_t i = 0; i < pool_.threads(); ++i) {
    boost::asio::co_spawn(io_, pool_.run([&] {
      begun.count_down();
      go_on.wait();
    }),
                          boost::asio::detached);
  }
  io_.poll();
  begun.wait();
  std::optional<Status> loaded;
  boost::asio::co_spawn(io_, model_->load(),
                        [&](const std::exception_ptr&, Status status) { loaded = status; });
  io_.poll();
  EXPECT_FALSE(loaded);
  EXPECT_FALSE(model_->loaded());
  go_on.count_down();
  io_.restart();
  io_.run();
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_TRUE(model_->loaded());
}

TEST_F(ClipServiceTest, Prompts_are_ranked_by_their_cosines) {
  load();
  const auto ranked =
      classify({{"prompts", {"c", "a b", "a"}}, {"score_mode", "cosine"}, {"threshold", -1}});
  ASSERT_EQ(ranked.size(), 3U);
  EXPECT_EQ(ranked[0].at("text"), "a");
  EXPECT_NEAR(ranked[0].at("score").as_double(), 1, 1e-6);
  EXPECT_EQ(ranked[1].at("text"), "a b");
  EXPECT_NEAR(ranked[1].at("score").as_double(), std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(ranked[2].at("score").as_double(), -1, 1e-6);
  EXPECT_EQ(ranked[2].at("rank"), 3);
}

TEST_F(ClipServiceTest, The_configuration_says_whether_scores_are_shares) {
  load();
  files_.config.logit_scale = 1;
  EXPECT_NEAR(classify({{"prompts", {"a", "c"}}})[0].at("score").as_double(),
              1 / (1 + std::exp(-2)), 1e-6);
  files_.config.apply_softmax = false;
  EXPECT_NEAR(classify({{"prompts", {"a", "c"}}})[0].at("score").as_double(), 1, 1e-6);
}

TEST_F(ClipServiceTest, The_vector_of_templates_is_their_mean) {
  load();
  // Of (1, 0) and (1, 1) / sqrt(2).
  const auto mean = text_vector({{"text", "a"}, {"templates", {"{}", "b {}"}}});
  EXPECT_NEAR(mean.at(0).to_number<double>(), std::cos(M_PI / 8), 1e-6);
  EXPECT_NEAR(mean.at(1).to_number<double>(), std::sin(M_PI / 8), 1e-6);
  EXPECT_EQ(text_vector({{"text", "a"}, {"templates", {"{}"}}}), text_vector({{"text", "a"}}));
}

TEST_F(ClipServiceTest, A_text_is_encoded_once) {
  load();
  classify({{"prompts", {"a", "b", "A ", "a"}}});
  EXPECT_EQ(toy_->texts, 2) << "equal tokens are one";
  classify({{"prompts", {"b", "a"}}});
  EXPECT_EQ(toy_->texts, 2);
  load();
  classify({{"prompts", {"a"}}});
  EXPECT_EQ(toy_->texts, 3) << "another model may have been loaded";
}

TEST_F(ClipServiceTest, Of_a_text_that_is_too_long_the_beginning_counts) {
  load();
  EXPECT_EQ(text_vector({{"text", "a b a b c c c c"}}), text_vector({{"text", "a b a b"}}));
}

TEST_F(ClipServiceTest, Many_prompts_are_all_answered_in_their_order) {
  load();
  json::array prompts;
  for (int i = 0; i < 300; ++i) prompts.emplace_back(i % 2 == 0 ? "a " + std::to_string(i) : "b");
  const auto ranked = classify({{"prompts", prompts}, {"top_k", 300}, {"score_mode", "cosine"}});
  ASSERT_EQ(ranked.size(), 300U);
  EXPECT_NEAR(ranked[149].at("score").as_double(), 1, 1e-6);
  EXPECT_NEAR(ranked[150].at("score").as_double(), 0, 1e-6);
  EXPECT_EQ(ranked[299].at("text"), "b");
}

TEST_F(ClipServiceTest, Many_texts_are_asked_in_the_batches_of_the_device) {
  network_.info = toy_info(4);
  load();
  json::array prompts;
  for (int i = 0; i < 10; ++i) prompts.emplace_back("b " + std::to_string(i));
  prompts.emplace_back("a");
  const auto ranked = classify({{"prompts", prompts}, {"score_mode", "cosine"}, {"top_k", 11}});
  ASSERT_EQ(ranked.size(), 11U);
  EXPECT_EQ(ranked[0].at("text"), "a");
  EXPECT_THAT(toy_->batches, ::testing::ElementsAre(4, 4, 3));
  EXPECT_EQ(toy_->texts, 11);
  text_vector({{"text", "c"}});
  EXPECT_EQ(toy_->batches.size(), 3U) << "one text is no batch";
}

TEST_F(ClipServiceTest, A_failure_of_the_device_is_told_and_not_kept) {
  load();
  network_.failure = Error{ErrorCode::kDeviceLost, "gone"};
  const auto answer = post_json("/v1/embed/text", {{"text", "a"}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kDeviceLost);
  EXPECT_EQ(toy_->texts, 0);
  network_.failure.reset();
  load();
  EXPECT_TRUE(post_json("/v1/embed/text", {{"text", "a"}}));
}

TEST_F(ClipServiceTest, What_is_no_number_is_in_no_answer) {
  load();
  toy_->spoiled = true;
  for (const auto& answer :
       {post_json("/v1/embed/text", {{"text", "a"}}), post("/v1/embed/image", {})}) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
    EXPECT_THAT(answer.error().message, HasSubstr("no number"));
  }
  toy_->spoiled = false;
  EXPECT_TRUE(post_json("/v1/embed/text", {{"text", "a"}}));
}

TEST_F(ClipServiceTest, Before_the_model_is_loaded_texts_have_to_wait) {
  for (const char* path : {"/v1/embed/text", "/v1/embeddings"}) {
    const auto answer = post_json(path, {{"text", "a"}, {"input", "a"}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(answer.error().retry_after);
  }
  EXPECT_EQ(service_->health().at("runtime_mode"), "degraded");
}

TEST_F(ClipServiceTest, OpenAIs_vectors_come_in_the_order_of_what_was_asked) {
  load();
  const std::string png = media::encode_png(media::Image(4, 4, 3));
  const std::string picture = base64_encode(std::as_bytes(std::span(png)));
  const auto answer = post_json(
      "/v1/embeddings",
      {{"input",
        {"b", {{"image", picture}}, "data:image/png;base64," + picture, {256 + 'c' - '!'}}}});
  ASSERT_TRUE(answer) << answer.error().message;
  const auto& data = answer->at("data").as_array();
  ASSERT_EQ(data.size(), 4U);
  EXPECT_EQ(data[0].at("embedding").at(1).to_number<double>(), 1);
  EXPECT_EQ(data[1].at("embedding").at(0).to_number<double>(), 1);
  EXPECT_EQ(data[2].at("embedding"), data[1].at("embedding"));
  EXPECT_EQ(data[3].at("embedding").at(0).to_number<double>(), -1);
  EXPECT_EQ(answer->at("usage").at("total_tokens"), 6);
}

TEST_F(ClipServiceTest, Files_that_do_not_belong_together_keep_it_from_being_ready) {
  const auto refused = [&] {
    const Status loaded = run(model_->load());
    return loaded ? std::string("loaded") : loaded.error().message;
  };
  auto& files = files_.config.side_files;
  const std::string projection = files.text_projection;
  files.text_projection = files.token_embeddings;
  EXPECT_THAT(refused(), HasSubstr("the text projection of this text encoder must be 3 x 2, the "
                                   "file has 514 x 3"));
  files.text_projection = files_.dir.file("empty.npy", "");
  EXPECT_THAT(refused(), HasSubstr("empty.npy: the file is empty"));
  files.text_projection = files_.dir.file("no.npy", "no array at all");
  EXPECT_THAT(refused(), HasSubstr("no.npy: "));
  files.text_projection = files_.dir.path("none.npy");
  EXPECT_THAT(refused(), HasSubstr("clip.text_projection is "));
  files.text_projection = projection;
  files.tokenizer.clear();
  EXPECT_THAT(refused(), HasSubstr("nothing tells the tokenizer of clip_vit_b_32_text_encoder: set "
                                   "clip.tokenizer"));
  EXPECT_FALSE(model_->loaded());
}

TEST_F(ClipServiceTest, The_catalogue_tells_where_the_files_are) {
  auto& files = files_.config.side_files;
  for (auto* named : {&files.tokenizer, &files.token_embeddings, &files.text_projection}) {
    named->clear();
  }
  files.catalogue = files_.dir.path("");
  files.dirs = {files_.dir.path("")};
  files_.dir.file("text.yaml",
                  "name: clip_vit_b_32_text_encoder\nfamily: clip\nfiles: {onnx: {path: t.onnx}}\n"
                  "side_files: [{path: merges.txt, role: tokenizer}, {path: tokens.npy, role: "
                  "token-embeddings}, {path: projection.npy, role: text-projection}]\n");
  load();
}

TEST_F(ClipServiceTest, A_manager_that_does_not_know_texts_is_told_to_be_too_old) {
  network_.info = LoadedModel::from({{"model_info", {{"input_shape", {8, 8, 3}}}}});
  EXPECT_THAT(run(model_->load()).error().message, HasSubstr("too old"));
}

}  // namespace
}  // namespace npu::clip
