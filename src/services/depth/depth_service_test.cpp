#include "services/depth/depth_service.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/json_body.hpp"
#include "media/image_decode.hpp"
#include "media/png_encode.hpp"
#include "media/resize.hpp"
#include "services/kit/infer_result_test_support.hpp"
#include "services/kit/routes_test_support.hpp"
#include "tensor/base64.hpp"

namespace npu::depth {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

// A network whose output is the red channel of its input.
class RedChannel final : public kit::FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;

 protected:
  Tensor answer(const ClientTensor& input) override {
    const auto pixels = input.as<std::uint8_t>();
    std::vector<float> values;
    for (std::size_t i = 0; i < pixels.size(); i += 3) values.push_back(pixels[i]);
    return kit::tensor_of({input.shape()[0], input.shape()[1], 1}, values);
  }
};

class Reader final : public http::StreamWriter {
 public:
  explicit Reader(std::string& text) : text_(text) {}
  boost::asio::awaitable<Status> write(std::string_view bytes) override {
    text_ += bytes;
    co_return Status{};
  }

 private:
  std::string& text_;
};

class DepthServiceTest : public kit::RoutesTest {
 protected:
  DepthServiceTest()
      : model_("scdepthv3", std::make_unique<RedChannel>(network_, Shape{4, 8, 3})),
        service_(config_, model_, pool_) {
    service_.add_routes(router_);
  }

  Result<http::Response> call(http::Method method, const std::string& path,
                              http::Request request = {}) {
    auto response = ask(method, path, std::move(request));
    if (response && response->stream) {
      Reader reader(response->body);
      EXPECT_TRUE(run(response->stream(reader)));
    }
    return response;
  }

  // A grey picture: black on the left, 200 on the right.
  static std::string picture(int width, int height) {
    media::Image image(width, height, 3);
    for (std::size_t i = 0; i < image.pixels().size(); ++i) {
      const auto x = static_cast<int>(i / 3) % width;
      image.pixels()[i] = x < width / 2 ? 0 : 200;
    }
    return media::encode_png(image);
  }

  // A TIFF of 2 x 3 pixels, whose first row is on the right: orientation 6.
  static std::string picture_on_its_side() {
    const auto tag = [](char id, char value) {
      return std::string{id, 1, 4, 0, 1, 0, 0, 0, value, 0, 0, 0};
    };
    std::string tiff("II*\0\x08\0\0\0\x07\0", 10);
    tiff += tag(0, 2) + tag(1, 3) + tag(2, 8) + tag(6, 1) + tag(0x11, 98) + tag(0x12, 6) +
            tag(0x17, 6) + std::string(4, '\0');
    return tiff + std::string("\x00\xff\x00\xff\x00\xff", 6);
  }

  Result<http::Response> estimate(const std::string& image, json::object fields) {
    fields["image"] = base64_encode(std::as_bytes(std::span(image)));
    http::Request request;
    request.headers.set("Content-Type", "application/json");
    request.body = npu::json::write(fields);
    return call(http::Method::kPost, "/v1/depth/estimate", std::move(request));
  }

  static json::object body_of(const Result<http::Response>& response) {
    EXPECT_TRUE(response) << response.error().message;
    if (!response) return {};
    auto body = http::parse_json(response->body);
    EXPECT_TRUE(body) << response->body.substr(0, 200);
    return body ? body->as_object() : json::object{};
  }

  DepthConfig config_;
  kit::Model model_;
  DepthService service_;
};

TEST_F(DepthServiceTest, An_estimate_has_the_contracts_fields_in_its_order) {
  const auto body = body_of(estimate(picture(16, 12), {{"output_format", "both"}}));
  std::vector<std::string> keys;
  for (const auto& field : body) keys.emplace_back(field.key());
  EXPECT_THAT(keys, ::testing::ElementsAre("model", "model_type", "input_shape", "depth_shape",
                                           "inference_time_ms", "normalized", "stats", "depth_map",
                                           "depth_image"));
  EXPECT_EQ(body.at("input_shape"), (json::array{12, 16, 3}));
  EXPECT_EQ(body.at("depth_shape"), (json::array{12, 16}));
  EXPECT_EQ(body.at("normalized"), true);
  EXPECT_EQ(body.at("stats").at("min").as_double(), 0.0);
  EXPECT_LE(body.at("stats").at("p95").as_double(), body.at("stats").at("max").as_double());
}

TEST_F(DepthServiceTest, A_picture_on_its_side_is_turned_unless_the_client_does_not_want_it) {
  const auto turned = body_of(estimate(picture_on_its_side(), {}));
  EXPECT_EQ(turned.at("depth_shape"), (json::array{2, 3}));
  const auto stored = body_of(estimate(picture_on_its_side(), {{"auto_orient", false}}));
  EXPECT_EQ(stored.at("depth_shape"), (json::array{3, 2}));
}

TEST_F(DepthServiceTest, The_depth_image_is_an_rgb_png_of_the_pictures_size_in_the_chosen_colours) {
  const auto body =
      body_of(estimate(picture(16, 12), {{"output_format", "image"}, {"colormap", "plasma"}}));
  EXPECT_FALSE(body.contains("depth_map"));
  const std::string_view text = body.at("depth_image").as_string();
  std::vector<std::byte> png(*base64_decoded_size(text));
  ASSERT_TRUE(base64_decode(text, png));
  const auto image = media::decode_image(png);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width(), 16);
  EXPECT_EQ(image->height(), 12);
  EXPECT_THAT(image->pixels().subspan(0, 3), ::testing::ElementsAre(12, 7, 134));
  EXPECT_THAT(image->pixels().subspan(45, 3), ::testing::ElementsAre(239, 248, 33));
}

TEST_F(DepthServiceTest, Depth_png_16_comes_alone) {
  const auto body = body_of(estimate(picture(16, 12), {{"output_format", "depth_png_16"}}));
  EXPECT_TRUE(body.contains("depth_png_16"));
  EXPECT_FALSE(body.contains("depth_map"));
  EXPECT_FALSE(body.contains("depth_image"));
}

TEST_F(DepthServiceTest, Representation_depth_turns_near_and_far) {
  const auto body = body_of(
      estimate(picture(16, 12),
               {{"output_format", "numpy"}, {"representation", "depth"}, {"normalize", false}}));
  EXPECT_EQ(body.at("representation"), "depth");
  EXPECT_NEAR(body.at("stats").at("min").as_double(), 1.0 / 10.009, 1e-4);
  EXPECT_NEAR(body.at("stats").at("p95").as_double(), 1.0 / 5.009, 1e-4);
}

TEST_F(DepthServiceTest, Broken_and_huge_pictures_are_refused) {
  const auto broken = estimate("not a picture", {});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kMalformed);
  config_.pictures.max_image_megapixels = 1;
  const auto huge = estimate(picture(1001, 1000), {});
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::kTooLarge);
}

TEST_F(DepthServiceTest, A_failure_of_the_manager_tells_when_to_retry_and_no_paths) {
  network_.failure = Error{ErrorCode::kUnavailable, "no manager on /run/secret.sock"};
  const auto gone = estimate(picture(8, 8), {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(gone.error().retry_after);
  EXPECT_THAT(gone.error().message, ::testing::Not(HasSubstr("secret")));
  EXPECT_EQ(service_.health().at("last_error"), "no manager on /run/secret.sock");
  network_.failure = Error{ErrorCode::kDeadlineExceeded, "late"};
  EXPECT_EQ(estimate(picture(8, 8), {}).error().code, ErrorCode::kDeadlineExceeded);
  network_.failure = Error{ErrorCode::kNotFound, "Model file not found: /secret"};
  const auto missing = estimate(picture(8, 8), {});
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(missing.error().message, ::testing::Not(HasSubstr("secret")));
  network_.failure->message += " (no variant is installed: hailoctl pull scdepthv3 brings it)";
  EXPECT_EQ(estimate(picture(8, 8), {}).error().message,
            "the model is not available; hailoctl pull scdepthv3 brings it");
}

// Time that the processor spent in the calling thread on fn().
template <class F>
std::chrono::nanoseconds cpu_time_of(F fn) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const auto begin = now();
  fn();
  return now() - begin;
}

TEST_F(DepthServiceTest, No_stage_of_a_large_picture_runs_on_the_event_loop) {
  const char* sanitizer = std::getenv("NPU_SANITIZE");
  if (sanitizer && std::string_view(sanitizer) == "thread") {
    GTEST_SKIP() << "ThreadSanitizer takes longer to free a picture than zlib, which it does not "
                    "see, to encode it";
  }
  const std::string large = picture(2000, 1500);
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=output_format\r\n\r\nboth"
      "\r\n--b\r\nContent-Disposition: form-data; name=image\r\n\r\n" +
      large + "\r\n--b--";
  std::optional<media::Image> image;
  std::vector<std::uint8_t> input(4UL * 8 * 3);
  const auto decode = cpu_time_of([&] {
    image.emplace(*media::decode_image(std::as_bytes(std::span(large)), {.channels = 3}));
  });
  const auto resize = cpu_time_of([&] { media::resize_into(*image, 8, 4, input); });
  const auto encode = cpu_time_of([&] { (void)media::encode_png(*image); });

  bool answered = false;
  const auto loop = cpu_time_of([&] {
    http::Request request;
    request.headers.set("Content-Type", "multipart/form-data; boundary=b");
    request.body = body;
    answered = call(http::Method::kPost, "/v1/depth/estimate", std::move(request)).has_value();
  });
  EXPECT_TRUE(answered);
  const auto ms = [](auto time) { return static_cast<double>(time.count()) / 1e6; };
  EXPECT_LT(loop, std::min({decode, resize, encode}) / 2)
      << "ms: loop " << ms(loop) << ", decode " << ms(decode) << ", resize " << ms(resize)
      << ", encode " << ms(encode);
}

TEST_F(DepthServiceTest, The_last_error_is_forgotten_when_an_estimate_succeeds) {
  network_.failure = Error{ErrorCode::kInternal, "once"};
  EXPECT_FALSE(estimate(picture(8, 8), {}));
  EXPECT_EQ(service_.health().at("last_error"), "once");
  network_.failure.reset();
  EXPECT_TRUE(estimate(picture(8, 8), {}));
  EXPECT_TRUE(service_.health().at("last_error").is_null());
}

TEST_F(DepthServiceTest, Info_and_models_are_those_of_the_contract) {
  const auto info = body_of(call(http::Method::kGet, "/v1/info"));
  EXPECT_EQ(info.at("service"), "hailo-depth");
  EXPECT_EQ(info.at("version"), "1.0.0");
  EXPECT_EQ(info.at("capabilities").at("output_formats"),
            (json::array{"numpy", "image", "both", "depth_png_16"}));
  EXPECT_EQ(info.at("capabilities").at("colormaps"),
            (json::array{"viridis", "plasma", "magma", "turbo", "jet"}));
  EXPECT_EQ(info.at("capabilities").at("stereo"), false);
  const auto models = body_of(call(http::Method::kGet, "/v1/models"));
  EXPECT_EQ(models.at("models").as_array().at(0).at("name"), "scdepthv3");
}

}  // namespace
}  // namespace npu::depth
