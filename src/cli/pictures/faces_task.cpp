#include <utility>

#include "cli/pictures/picture_task.hpp"
#include "services/face/answer.hpp"
#include "services/face/finder.hpp"

namespace npu::cli {
namespace {

class FoundFaces final : public PictureFindings {
 public:
  explicit FoundFaces(std::vector<face::Face> found) : found_(std::move(found)) {}

  Result<boost::json::object> json() override {
    boost::json::array faces;
    for (const auto& one : found_) {
      faces.push_back({{"bbox", face::box_json(one.box)},
                       {"confidence", face::digits(one.score)},
                       {"landmarks", face::points_json(one.points)}});
    }
    return boost::json::object{{"faces", std::move(faces)}};
  }

  std::string summary() const override { return counted(found_.size(), "face", "faces"); }

  std::vector<std::vector<std::string>> rows() const override {
    std::vector<std::vector<std::string>> rows;
    if (!found_.empty()) rows.push_back({"", "FACE", "CONFIDENCE", "BOX"});
    for (const auto& one : found_) {
      rows.push_back({"", std::to_string(rows.size()), percent(one.score), box_text(one.box)});
    }
    return rows;
  }

  Result<media::Image> annotated(media::Image picture) override {
    face::draw_on(picture, found_);
    return picture;
  }

 private:
  std::vector<face::Face> found_;
};

class FacesTask final : public FittedTask {
 public:
  void add_options(CLI::App& command) override {
    add_threshold(command, options_.threshold, "Least confidence of a face, 0..1");
    add_suppression(command, options_.iou_threshold, options_.max_faces, face::kMaxFaces);
  }

  Status accept(const LoadedModel& model) override {
    head_ = vision::face_head_named(model.head);
    return {};
  }

  Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                const kit::Placement& placed) const override {
    auto found = face::find_faces(result, placed, head_, options_);
    if (!found) return fail(ErrorCode::kUnsupported, found.error().message);
    return std::make_unique<FoundFaces>(std::move(*found));
  }

 private:
  face::FaceOptions options_;
  std::optional<vision::FaceHeadKind> head_;  // nothing: whichever the outputs are
};

}  // namespace

std::unique_ptr<PictureTask> make_faces_task() { return std::make_unique<FacesTask>(); }

}  // namespace npu::cli
