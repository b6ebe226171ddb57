#include "services/depth/render.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "json/write.hpp"
#include "media/blocks.hpp"
#include "media/colormap.hpp"
#include "media/npy.hpp"
#include "media/png_encode.hpp"
#include "tensor/base64.hpp"

namespace npu::depth {
namespace json = boost::json;
namespace {

constexpr std::string_view kArray = "depth";

bool wants_map(OutputFormat format) {
  return format == OutputFormat::kNumpy || format == OutputFormat::kBoth;
}

// What has these bytes in memory as a big-endian number.
std::uint16_t big_endian(std::uint16_t sample) {
  if constexpr (std::endian::native == std::endian::big) return sample;
  return static_cast<std::uint16_t>(sample << 8 | sample >> 8);
}

json::array size_of(const DepthMap& map) { return {map.size().height, map.size().width}; }

Shape shape_of(const DepthMap& map) { return {map.size().height, map.size().width}; }

}  // namespace

// , "name": "base64 of a file", whose rows are made one by one.
class EstimateText::Field {
 public:
  Field(std::string_view name, const DepthMap& map, std::string& out)
      : name_(name), map_(map), out_(out), base64_(out) {}
  virtual ~Field() = default;

  // A row, or what stands around them. False: that was the end.
  bool add_some() {
    if (y_ == 0) {
      out_.append(", \"").append(name_).append("\": \"");
      begin();
    }
    if (y_ < map_.size().height) {
      add_row(y_++);
      return true;
    }
    finish();
    base64_.finish();
    out_ += '"';
    return false;
  }

 protected:
  virtual void begin() = 0;
  virtual void add_row(int y) = 0;
  virtual void finish() = 0;

  const DepthMap& map() const { return map_; }
  std::size_t width() const { return static_cast<std::size_t>(map_.size().width); }
  media::Deflate::OnPiece to_text() {
    return [this](std::span<const std::byte> piece) { base64_.add(piece); };
  }

 private:
  std::string_view name_;
  const DepthMap& map_;
  std::string& out_;
  Base64Appender base64_;
  int y_ = 0;
};

class EstimateText::MapField final : public Field {
 public:
  MapField(const DepthMap& map, std::string& out) : Field("depth_map", map, out), row_(width()) {}

 private:
  void begin() override { file_.emplace(kArray, DType::kFloat32, shape_of(map()), to_text()); }
  void add_row(int y) override {
    map().row(y, row_);
    file_->add(std::as_bytes(std::span(row_)));
  }
  void finish() override { file_->finish(); }

  std::vector<float> row_;
  std::optional<media::NpzEncoder> file_;
};

class EstimateText::ColorField final : public Field {
 public:
  ColorField(const DepthMap& map, std::string& out, media::Colormap colormap)
      : Field("depth_image", map, out), colormap_(colormap), values_(width()), row_(3 * width()) {}

 private:
  void begin() override { file_.emplace(map().size(), media::PngEncoder::Pixel::kRgb8, to_text()); }
  void add_row(int y) override {
    map().unit_row(y, values_);
    media::colorize(values_, colormap_, row_);
    file_->add_row(row_);
  }
  void finish() override { file_->finish(); }

  media::Colormap colormap_;
  std::vector<float> values_;
  std::vector<std::uint8_t> row_;
  std::optional<media::PngEncoder> file_;
};

class EstimateText::GreyField final : public Field {
 public:
  GreyField(const DepthMap& map, std::string& out)
      : Field("depth_png_16", map, out), values_(width()), row_(width()) {}

 private:
  void begin() override {
    file_.emplace(map().size(), media::PngEncoder::Pixel::kGrey16, to_text());
  }
  void add_row(int y) override {
    map().unit_row(y, values_);
    media::fill_in_blocks(row_.data(), row_.size(), [from = values_.data()](std::size_t i) {
      return big_endian(static_cast<std::uint16_t>(media::truncated(from[i] * 65535.0F, 65535.0F)));
    });
    file_->add_row({reinterpret_cast<const std::uint8_t*>(row_.data()), 2 * row_.size()});
  }
  void finish() override { file_->finish(); }

  std::vector<float> values_;
  std::vector<std::uint16_t> row_;  // as the file has them
  std::optional<media::PngEncoder> file_;
};

EstimateText::EstimateText(Estimate estimate, const EstimateOptions& options)
    : estimate_(std::move(estimate)), options_(options) {
  const DepthMap& map = estimate_.map;
  const OutputFormat format = options.format;
  if (format == OutputFormat::kDepthPng16)
    fields_.push_back(std::make_unique<GreyField>(map, text_));
  if (format == OutputFormat::kImage || format == OutputFormat::kBoth) {
    fields_.push_back(std::make_unique<ColorField>(map, text_, options.colormap));
  }
  if (wants_map(format)) {
    fields_.push_back(std::make_unique<MapField>(map, text_));
  }
}

EstimateText::~EstimateText() = default;

Result<std::unique_ptr<kit::Bands>> EstimateText::make(Estimate estimate,
                                                       const EstimateOptions& options) {
  if (wants_map(options.format)) {
    const Shape shape = shape_of(estimate.map);
    const Status possible = media::NpzEncoder::check(kArray, DType::kFloat32, shape);
    if (!possible) return fail(possible.error());
  }
  return std::unique_ptr<kit::Bands>(new EstimateText(std::move(estimate), options));
}

const std::string& EstimateText::next(std::size_t bytes) {
  text_.clear();
  if (!begun_) put_head();
  begun_ = true;
  while (text_.size() < bytes && !fields_.empty()) {
    if (!fields_.back()->add_some()) fields_.pop_back();
  }
  if (fields_.empty() && !ended_) {
    text_ += '}';
    ended_ = true;
  }
  return text_;
}

void EstimateText::put_head() {
  const auto [width, height] = estimate_.map.size();
  json::object body;
  body["model"] = estimate_.model;
  body["model_type"] = estimate_.model_type;
  body["input_shape"] = json::array{height, width, 3};
  body["depth_shape"] = size_of(estimate_.map);
  body["inference_time_ms"] = npu::json::rounded(estimate_.inference_time_ms, 100);
  body["normalized"] = options_.normalize_echo;
  if (options_.representation != Representation::kInverse) {
    body["representation"] =
        kRepresentationNames[static_cast<std::size_t>(options_.representation)];
  }
  if (options_.include_stats) body["stats"] = stats_json(estimate_.map.stats());
  text_ = npu::json::write(body, npu::json::Style::kSpaced);
  text_.pop_back();
}

json::object stats_json(const Stats& stats) {
  return {{"min", stats.min}, {"max", stats.max}, {"mean", stats.mean}, {"p95", stats.p95}};
}

std::string live_text(const DepthMap& map) {
  json::object body;
  body["depth_shape"] = size_of(map);
  body["stats"] = stats_json(map.stats());
  return npu::json::write(body);
}

media::Image colour_picture(const DepthMap& map, media::Colormap colormap) {
  const auto [width, height] = map.size();
  media::Image picture(width, height, 3);
  std::vector<float> values(static_cast<std::size_t>(width));
  std::span<std::uint8_t> rest = picture.pixels();
  for (int y = 0; y < height; ++y) {
    map.unit_row(y, values);
    media::colorize(values, colormap, rest.first(3 * values.size()));
    rest = rest.subspan(3 * values.size());
  }
  return picture;
}

}  // namespace npu::depth
