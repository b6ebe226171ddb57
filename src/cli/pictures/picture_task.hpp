// What hailoctl finds in a picture: detect, pose, segment and depth. A task is one source and one
// line in cmd_pictures.cpp. What it does with the device's answer is what the service of its name
// does: services/<name>/finder.hpp and the like.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <npu/client_types.hpp>
#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "media/image.hpp"
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
  virtual std::vector<std::vector<std::string>> rows() const = 0;
  // The picture with what was found, for people. picture: RGB, as it was fitted in.
  virtual Result<media::Image> annotated(media::Image picture) = 0;
};

class PictureTask {
 public:
  virtual ~PictureTask() = default;

  virtual void add_options(CLI::App& command) = 0;
  // Whether the options can be, before anything is done.
  virtual Status prepare() { return {}; }
  // Before the first picture, when the model is loaded. kInvalidArgument where options do not go
  // with it.
  virtual Status accept(const LoadedModel&) { return {}; }
  // Where the model does not say how it wants its picture.
  virtual kit::Fit usual_fit() const { return kit::Fit::kLetterbox; }
  // Fails where the result is not that of a model of this task.
  virtual Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                        const kit::Placement& placed) const = 0;
};

std::unique_ptr<PictureTask> make_depth_task();
std::unique_ptr<PictureTask> make_detect_task();
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

// "3 objects" of (3, "object", "objects"), "no object" of 0.
std::string counted(std::size_t count, const char* one, const char* many);
// "92 %".
std::string percent(double share);
// "12,34 56x78": the upper left corner and the size.
std::string box_text(const kit::Box& box);

}  // namespace npu::cli
