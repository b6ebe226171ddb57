#include <algorithm>
#include <chrono>
#include <utility>

#include "cli/pictures/picture_task.hpp"
#include "services/segment/answer.hpp"
#include "services/segment/drawing.hpp"
#include "services/segment/picture_segments.hpp"

namespace npu::cli {
namespace {

// Of processor time, for the masks of one's own picture.
constexpr std::chrono::minutes kPatienceWithMasks{10};

class FoundSegments final : public PictureFindings {
 public:
  FoundSegments(std::unique_ptr<segment::PictureSegments> segments, const kit::Labels& labels,
                const segment::SegmentOptions& options)
      : segments_(std::move(segments)), labels_(labels), options_(options) {}

  Result<boost::json::object> json() override {
    segment::AnswerText text(*segments_, labels_, options_, kPatienceWithMasks);
    for (;;) {
      const auto more = text.add_some();
      if (!more) return fail(more.error());
      if (!*more) break;
    }
    return boost::json::object{{"objects", boost::json::parse(std::move(text).take())}};
  }

  std::string summary() const override { return counted(segments_->size(), "object", "objects"); }

  std::vector<std::vector<std::string>> rows() const override {
    std::vector<std::vector<std::string>> rows;
    if (segments_->size() > 0) rows.push_back({"", "OBJECT", "CONFIDENCE", "BOX"});
    for (std::size_t i = 0; i < segments_->size(); ++i) {
      const auto one = segments_->at(i);
      rows.push_back({"", labels_.name(one.label), percent(one.score), box_text(one.box)});
    }
    return rows;
  }

  Result<media::Image> annotated(media::Image picture) override {
    const Status drawn =
        segment::draw_on(picture, *segments_, labels_, options_, kPatienceWithMasks);
    if (!drawn) return fail(drawn.error());
    return picture;
  }

 private:
  std::unique_ptr<segment::PictureSegments> segments_;
  const kit::Labels& labels_;
  const segment::SegmentOptions& options_;
};

class SegmentTask final : public FittedTask {
 public:
  void add_options(CLI::App& command) override {
    add_threshold(command, options_.threshold, "Least confidence of an object, 0..1");
    add_suppression(command, options_.iou_threshold, options_.max_detections, kit::kMaxObjects);
    classes_.add_to(command);
    using Names = std::vector<std::string>;
    command
        .add_option("--mask-format", mask_format_, "Masks in --json: COCO's runs, polygons, ...")
        ->check(CLI::IsMember(
            Names(segment::kMaskFormatNames.begin(), segment::kMaskFormatNames.end())))
        ->capture_default_str();
  }

  Status prepare() override {
    const auto& names = segment::kMaskFormatNames;
    options_.mask_format =
        static_cast<segment::MaskFormat>(std::ranges::find(names, mask_format_) - names.begin());
    return classes_.prepare();
  }

  Status accept(const LoadedModel& model) override {
    head_ = vision::segment_kind_named(model.head);
    const Status accepted = classes_.accept(model);
    options_.classes = classes_.wanted();
    return accepted;
  }

  Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                const kit::Placement& placed) const override {
    auto segments = segment::PictureSegments::find(result, placed, head_, options_);
    if (!segments) return fail(ErrorCode::kUnsupported, segments.error().message);
    return std::make_unique<FoundSegments>(std::move(*segments), classes_.labels(), options_);
  }

 private:
  segment::SegmentOptions options_;
  std::optional<vision::SegmentKind> head_;  // nothing: whichever the outputs are
  std::string mask_format_ = "rle";
  ClassArguments classes_;
};

}  // namespace

std::unique_ptr<PictureTask> make_segment_task() { return std::make_unique<SegmentTask>(); }

}  // namespace npu::cli
