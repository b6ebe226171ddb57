#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/pictures/picture_run.hpp"
#include "cli/pictures/picture_task.hpp"

namespace npu::cli {
namespace {

struct TaskRow {
  const char* name;
  const char* type;  // of the model
  std::unique_ptr<PictureTask> (*make)();
  const char* model;  // that its service has by default
  const char* about;
  const char* footer;
  const char* options = "";  // that the examples need
};

constexpr TaskRow kTasks[] = {
    {"detect", "detect", make_detect_task, "yolov8s", "Find objects in pictures",
     "Objects with their class, confidence and box (left,top widthxheight in pixels of the "
     "picture)."},
    {"pose", "pose", make_pose_task, "yolov8s_pose", "Find people and their key points in pictures",
     "People with their box and 17 key points (nose, eyes, ears, shoulders, ... as in COCO); "
     "--json "
     "has\nthe points."},
    {"segment", "segment", make_segment_task, "yolov8s_seg",
     "Find objects and their outlines in pictures",
     "Objects with their class, confidence, box and mask; --json has the masks, -o draws them."},
    {"depth", "depth", make_depth_task, "scdepthv3", "Estimate how far everything in pictures is",
     "-o writes the depth as colours, hailoctl infer -o FILE.npy the network's own numbers."},
    {"ocr", "ocr", make_ocr_task, "ocr_det", "Read the text in pictures",
     "The text in reading order; -o draws where each line is. Two models: one finds lines, "
     "--recognition\nreads them."},
    {"clip", "clip", make_clip_task, "clip_vit_b_32_image_encoder",
     "Tell which text describes pictures best, or what they are as vectors",
     "Texts with their scores. Two models: the image encoder and, for texts, the text encoder "
     "beside it.",
     "-p 'a cat' -p 'a dog' "},
    {"faces", "face", make_faces_task, "scrfd_10g", "Find faces in pictures",
     "Faces with their confidence and box; --json has the five points: eyes, nose, corners of the "
     "mouth.\nWhose they are is a service's business: hailo-face."},
};

void add_task(CLI::App& app, Context& context, const TaskRow& row) {
  const auto arguments = std::make_shared<PictureArguments>();
  const std::shared_ptr<PictureTask> task = row.make();
  arguments->type = row.type;
  arguments->model = row.model;
  auto* command = app.add_subcommand(row.name, row.about);
  command->footer(fmt::format(
      "{1}\nNeeds hailo-device-manager and no service. A model that is not there is fetched by\n"
      "  hailoctl pull {2}\n\n"
      "Examples:\n"
      "  hailoctl {0} {3}street.jpg\n"
      "  hailoctl {0} {3}street.jpg -o found.jpg\n"
      "  hailoctl --json {0} {3}holiday/ '*.png' -o found/     a line of JSON for each picture\n"
      "  hailoctl {0} {3}--model my-model.onnx street.jpg",
      row.name, row.footer, row.model, row.options));
  command
      ->add_option("picture", arguments->pictures,
                   "Files, folders of pictures, patterns: JPEG, PNG, WebP, BMP, TIFF, GIF, PNM")
      ->required();
  command->add_option("--output,-o", arguments->output,
                      "Write the pictures with what was found: a .jpg or .png file, or a folder");
  command->add_option("--model,-m", arguments->model, "A name of the catalogue, or a model file")
      ->capture_default_str();
  task->add_options(*command);
  command->callback([&context, arguments, task] {
    context.json = context.json || task->wants_json();
    context.exit_code = run_on_pictures(context, *arguments, *task);
  });
}

}  // namespace

void add_pictures(CLI::App& app, Context& context) {
  for (const auto& row : kTasks) add_task(app, context, row);
}

}  // namespace npu::cli
