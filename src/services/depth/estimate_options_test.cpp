#include "services/depth/estimate_options.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/json_body.hpp"

namespace npu::depth {
namespace {

namespace json = boost::json;

Result<EstimateOptions> read(const std::string& text, EstimateOptions options = {}) {
  const auto body = http::parse_json(text);
  kit::Fields fields(body->get_object());
  if (const Status read = read_options(fields, options); !read) return fail(read.error());
  return options;
}

TEST(EstimateOptions, A_form_carries_them_as_texts) {
  std::string body;
  const std::pair<const char*, const char*> fields[] = {{"output_format", "depth_png_16"},
                                                        {"normalize", "TRUE"},
                                                        {"colormap", "jet"},
                                                        {"representation", "depth"},
                                                        {"other", "x"}};
  for (const auto& [name, value] : fields) {
    body += std::string("--b\r\nContent-Disposition: form-data; name=") + name + "\r\n\r\n" +
            value + "\r\n";
  }
  body += "--b--\r\n";
  const auto form = http::Multipart::parse("multipart/form-data; boundary=b", body);
  ASSERT_TRUE(form);
  kit::Fields given(*form);
  EstimateOptions options;
  ASSERT_TRUE(read_options(given, options));
  EXPECT_EQ(options.format, OutputFormat::kDepthPng16);
  EXPECT_EQ(options.colormap, media::Colormap::kJet);
  EXPECT_EQ(options.representation, Representation::kDepth);
  EXPECT_TRUE(options.normalize);
  EXPECT_EQ(options.normalize_echo, true);
}

TEST(EstimateOptions, Null_means_the_configured_default) {
  EstimateOptions defaults;
  defaults.format = OutputFormat::kNumpy;
  defaults.normalize = false;
  defaults.normalize_echo = false;
  const auto options =
      read(R"({"output_format": null, "normalize": null, "colormap": null})", defaults);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->format, OutputFormat::kNumpy);
  EXPECT_FALSE(options->normalize);
}

TEST(EstimateOptions, Normalize_counts_by_truth_and_is_echoed_as_given) {
  const std::vector<std::tuple<const char*, bool, json::value>> cases{
      {"true", true, true},         {"false", false, false}, {"\"True\"", true, true},
      {"\"yes\"", false, false},    {"1", true, 1},          {"0", false, 0},
      {"[]", false, json::array{}}, {"2.5", true, 2.5}};
  for (const auto& [text, on, echo] : cases) {
    const auto options = read(std::string(R"({"normalize": )") + text + "}");
    ASSERT_TRUE(options) << text;
    EXPECT_EQ(options->normalize, on) << text;
    EXPECT_EQ(options->normalize_echo, echo) << text;
  }
}

TEST(EstimateOptions, Wrong_values_list_what_is_allowed) {
  const auto format = read(R"({"output_format": "png"})");
  ASSERT_FALSE(format);
  EXPECT_EQ(
      format.error().message,
      "output_format must be one of numpy, image, both, depth_png_16, got \"png\" (default both)");
  const auto map = read(R"({"colormap": "hot"})");
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "colormap must be one of viridis, plasma, magma, turbo, jet, got \"hot\" (default "
            "viridis)");
  EXPECT_EQ(read(R"({"colormap": 3})").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace npu::depth
