// What hailoctl finds in a picture: objects, people, faces, text, ... A task is one source and one
// line in cmd_pictures.cpp. What it does with the device's answer is what the service of its name
// does: services/<name>/finder.hpp and the like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <tl/expected.hpp>

#include <npu/blocking_client.hpp>
#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "media/image.hpp"
#include "media/image_decode.hpp"
#include "services/kit/labels.hpp"
#include "services/kit/picture_input.hpp"

namespace npu::cli {

// What was found in one picture.
class PictureFindings {
 public:
  virtual ~PictureFindings() = default;

  // Added to the picture's object; the members are those of the service's answer.
  virtual Result<boost::json::object> json() = 0;
  // "3 objects", "no person".
  virtual std::string summary() const = 0;
  // For cli::table(), with its heading; empty: there is nothing to list.
  virtual std::vector<std::vector<std::string>> rows() const { return {}; }
  // A text that is printed in place of the summary and the table.
  virtual std::optional<std::string> document() const { return std::nullopt; }
  // The picture with what was found, for people. picture: RGB, as it was decoded.
  virtual Result<media::Image> annotated(media::Image picture) = 0;
};

// Whose fault it is that nothing was found out: it decides on the advice, the exit code, and
// whether the other pictures are looked at.
struct TaskFailure {
  enum class Of : std::uint8_t { kCommandLine, kPicture, kModel, kManager, kOutput };

  Of of = Of::kManager;
  Error error;
};
template <class T>
using TaskResult = tl::expected<T, TaskFailure>;

inline tl::unexpected<TaskFailure> failure_of(TaskFailure::Of of, Error error) {
  return tl::unexpected<TaskFailure>({of, std::move(error)});
}

// A picture that was looked at.
struct Looked {
  media::Size picture;
  std::int64_t inference_time_ms = 0;  // of the device
  std::unique_ptr<PictureFindings> findings;
};

// The model that is loaded, and who has it. Copies share the client.
struct TaskModel {
  BlockingDeviceClient& client;
  ModelRef ref;
  LoadedModel loaded;
};

class PictureTask {
 public:
  virtual ~PictureTask() = default;

  virtual void add_options(CLI::App& command) = 0;
  // Whether the options can be, before anything is done.
  virtual Status prepare() { return {}; }
  // And for so many pictures.
  virtual Status prepare_for(std::size_t /*pictures*/) { return {}; }
  // Whether an option asks for what --json gives.
  virtual bool wants_json() const { return false; }
  // What is loaded: model has the path and the type.
  virtual ModelRef complete(ModelRef model) const { return model; }
  // Before the first picture, when the model is loaded.
  virtual TaskResult<void> begin(const TaskModel& model) = 0;
  virtual TaskResult<Looked> look(const TaskModel& model, std::span<const std::byte> picture) = 0;
};

// A task for which one network looks once at a picture that is fitted into its input.
class FittedTask : public PictureTask {
 public:
  TaskResult<void> begin(const TaskModel& model) final;
  TaskResult<Looked> look(const TaskModel& model, std::span<const std::byte> picture) final;

 protected:
  // kInvalidArgument where options do not go with the model.
  virtual Status accept(const LoadedModel&) { return {}; }
  // Where the model does not say how it wants its picture.
  virtual kit::Fit usual_fit() const { return kit::Fit::kLetterbox; }
  // Fails where the result is not that of a model of this task.
  virtual Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                        const kit::Placement& placed) const = 0;

 private:
  Shape shape_;  // of the input
  kit::FitOptions how_;
};

std::unique_ptr<PictureTask> make_clip_task();
std::unique_ptr<PictureTask> make_depth_task();
std::unique_ptr<PictureTask> make_detect_task();
std::unique_ptr<PictureTask> make_faces_task();
std::unique_ptr<PictureTask> make_ocr_task();
std::unique_ptr<PictureTask> make_pose_task();
std::unique_ptr<PictureTask> make_segment_task();

// ---- what tasks have in common ----

// --labels and --class.
class ClassArguments {
 public:
  void add_to(CLI::App& command);
  Status prepare();
  Status accept(const LoadedModel& model);
  const kit::Labels& labels() const { return labels_; }
  const std::vector<int>& wanted() const { return wanted_; }  // sorted; empty: all

 private:
  std::string file_;
  std::vector<std::string> names_;
  kit::Labels labels_ = kit::Labels::coco();
  std::vector<int> wanted_;
};

// --iou-threshold and --max-detections; --threshold is the same for all.
void add_threshold(CLI::App& command, double& threshold, const char* what);
void add_suppression(CLI::App& command, double& iou_threshold, int& max_detections, int most);

// One's own picture is decoded whatever it costs, up to ten minutes.
media::DecodeOptions own_picture(int channels);

// (height, width, channels) of the picture that the model takes.
TaskResult<Shape> picture_input(const TaskModel& model);

// The picture in memory of the device's, as `how` says, and where it lies in there.
struct FittedPicture {
  ClientTensor tensor;
  kit::Placement placed;
};
TaskResult<FittedPicture> fitted(const TaskModel& model, const Shape& shape,
                                 const kit::FitOptions& how, std::span<const std::byte> picture);

// A model as it is asked for: paths are made absolute, names of the catalogue stay.
std::string model_path(const std::string& name);

// "3 objects" of (3, "object", "objects"), "no object" of 0.
std::string counted(std::size_t count, const char* one, const char* many);
// "92 %".
std::string percent(double share);
// "12,34 56x78": the upper left corner and the size.
std::string box_text(const kit::Box& box);

}  // namespace npu::cli
