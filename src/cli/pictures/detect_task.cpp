#include <utility>

#include "cli/pictures/picture_task.hpp"
#include "services/detect/answer.hpp"
#include "services/detect/finder.hpp"

namespace npu::cli {
namespace {

class FoundObjects final : public PictureFindings {
 public:
  FoundObjects(std::vector<detect::Found> found, const kit::Labels& labels)
      : found_(std::move(found)), labels_(labels) {}

  Result<boost::json::object> json() override {
    return boost::json::object{
        {"objects", boost::json::parse(detect::answer_text(found_, labels_, {}))}};
  }

  std::string summary() const override { return counted(found_.size(), "object", "objects"); }

  std::vector<std::vector<std::string>> rows() const override {
    std::vector<std::vector<std::string>> rows;
    if (!found_.empty()) rows.push_back({"", "OBJECT", "CONFIDENCE", "BOX"});
    for (const auto& one : found_) {
      rows.push_back({"", labels_.name(one.label), percent(one.score), box_text(one.box)});
    }
    return rows;
  }

  Result<media::Image> annotated(media::Image picture) override {
    detect::draw_on(picture, found_, labels_);
    return picture;
  }

 private:
  std::vector<detect::Found> found_;
  const kit::Labels& labels_;
};

class DetectTask final : public FittedTask {
 public:
  void add_options(CLI::App& command) override {
    add_threshold(command, options_.threshold, "Least confidence of an object, 0..1");
    add_suppression(command, options_.iou_threshold, options_.max_detections, kit::kMaxObjects);
    classes_.add_to(command);
  }

  Status prepare() override { return classes_.prepare(); }

  Status accept(const LoadedModel& model) override {
    head_ = vision::head_named(model.head);
    const Status accepted = classes_.accept(model);
    options_.classes = classes_.wanted();
    return accepted;
  }

  Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                const kit::Placement& placed) const override {
    auto found = detect::find_objects(result, placed, head_, options_);
    if (!found) return fail(ErrorCode::kUnsupported, found.error().message);
    return std::make_unique<FoundObjects>(std::move(*found), classes_.labels());
  }

 private:
  detect::DetectOptions options_;
  std::optional<vision::HeadKind> head_;  // nothing: whichever the outputs are
  ClassArguments classes_;
};

}  // namespace

std::unique_ptr<PictureTask> make_detect_task() { return std::make_unique<DetectTask>(); }

}  // namespace npu::cli
