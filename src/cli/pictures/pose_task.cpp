#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/pictures/picture_task.hpp"
#include "services/pose/answer.hpp"
#include "services/pose/finder.hpp"

namespace npu::cli {
namespace {

class FoundPeople final : public PictureFindings {
 public:
  FoundPeople(std::vector<pose::Person> people, media::Size picture, double threshold)
      : people_(std::move(people)), picture_(picture), threshold_(threshold) {}

  Result<boost::json::object> json() override {
    const pose::Answer answer{
        .people = people_, .picture = picture_, .keypoint_threshold = threshold_};
    auto text = boost::json::parse(pose::detect_text(answer));
    return boost::json::object{{"poses", std::move(text.as_object()["poses"])}};
  }

  std::string summary() const override { return counted(people_.size(), "person", "people"); }

  std::vector<std::vector<std::string>> rows() const override {
    std::vector<std::vector<std::string>> rows;
    if (!people_.empty()) rows.push_back({"", "PERSON", "CONFIDENCE", "BOX", "KEY POINTS SEEN"});
    for (const auto& person : people_) {
      const auto seen = std::ranges::count_if(
          person.points, [&](const auto& point) { return point.score >= threshold_; });
      rows.push_back({"", fmt::format("{}", rows.size()), percent(person.score),
                      box_text(person.box), fmt::format("{}", seen)});
    }
    return rows;
  }

  Result<media::Image> annotated(media::Image picture) override {
    pose::draw_on(picture, people_, threshold_);
    return picture;
  }

 private:
  std::vector<pose::Person> people_;
  media::Size picture_;
  double threshold_;
};

class PoseTask final : public FittedTask {
 public:
  void add_options(CLI::App& command) override {
    add_threshold(command, options_.confidence_threshold, "Least confidence of a person, 0..1");
    command
        .add_option("--keypoint-threshold", options_.keypoint_threshold,
                    "Least confidence of a key point that is shown, 0..1")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    add_suppression(command, options_.iou_threshold, options_.max_detections, pose::kMaxDetections);
  }

  Status accept(const LoadedModel& model) override {
    head_ = vision::pose_head_named(model.head);
    return {};
  }

  Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                const kit::Placement& placed) const override {
    auto people = pose::find_people(result, placed, head_, options_);
    if (!people) return fail(ErrorCode::kUnsupported, people.error().message);
    return std::make_unique<FoundPeople>(std::move(*people), placed.picture,
                                         options_.keypoint_threshold);
  }

 private:
  pose::PoseOptions options_;
  std::optional<vision::PoseHeadKind> head_;  // nothing: whichever the outputs are
};

}  // namespace

std::unique_ptr<PictureTask> make_pose_task() { return std::make_unique<PoseTask>(); }

}  // namespace npu::cli
