#include "services/face/face_config.hpp"

#include "base/settings.hpp"
#include "services/kit/head_setting.hpp"

namespace npu::face {
namespace {

void add_detector_settings(Settings& settings, DetectorConfig& config) {
  kit::add_model_settings(settings, config.model);
  kit::add_head_setting(settings, config.head, vision::kFaceHeadNames);
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
}

}  // namespace

std::optional<vision::FaceHeadKind> DetectorConfig::head_kind(std::string_view known) const {
  return vision::face_head_named(kit::head_name(head, known));
}

kit::ModelSetRules FaceConfig::models() const {
  return {.models = {recogniser.model},
          .dir = detector.model.dir,
          .keep_alive = detector.model.keep_alive,
          .socket_path = detector.model.socket_path,
          .max_loaded = 1};
}

void add_scrfd_settings(Settings& settings, DetectorConfig& config) {
  add_detector_settings(settings, config);
  settings.add("scrfd.model", config.model.name, {.help = "The same as model.name"});
  settings.add("scrfd.conf_threshold", config.defaults.threshold,
               {.help = "Least confidence of a face", .min = 0, .max = 1});
  settings.add("scrfd.nms_threshold", config.defaults.iou_threshold,
               {.help = "Most overlap of two faces", .min = 0, .max = 1});
  settings.add("detection.max_faces", config.defaults.max_faces,
               {.help = "Most faces of an answer", .min = 1, .max = kMaxFaces});
}

void add_face_settings(Settings& settings, FaceConfig& config) {
  add_detector_settings(settings, config.detector);
  FaceOptions& found = config.detector.defaults;
  RecogniserRules& recogniser = config.recogniser;
  StoreRules& store = config.database.store;
  settings.add("face_recognition.detection_model", config.detector.model.name,
               {.help = "The same as model.name"});
  settings.add("face_recognition.recognition_model", recogniser.model.name,
               {.env = settings.variable("RECOGNITION_MODEL"),
                .flag = "--recognition-model",
                .help = "Model that knows faces again"});
  settings.add("face_recognition.recognition_path", recogniser.model.path,
               {.env = settings.variable("RECOGNITION_PATH"),
                .flag = "--recognition-path",
                .help = "Its path; empty: <resources.model_dir>/<name>.hef"});
  settings.add("face_recognition.recognition_threshold", recogniser.threshold,
               {.help = "Cosine above which two faces are one person; 0: what is published of the "
                        "model, else 0.5",
                .min = 0,
                .max = 1});
  settings.add("face_recognition.detection_threshold", found.threshold,
               {.help = "Least confidence of a face", .min = 0, .max = 1});
  settings.add("face_recognition.nms_threshold", found.iou_threshold,
               {.help = "Most overlap of two faces", .min = 0, .max = 1});
  settings.add("face_recognition.max_faces", found.max_faces,
               {.help = "Most faces of an answer", .min = 1, .max = kMaxFaces});
  settings.add("faces.demo_model", recogniser.demo_model,
               {.env = settings.variable("DEMO_MODEL"),
                .help = "Whether face-tiny, which knows drawn faces only, may name people"});
  settings.add(
      "faces.store_pictures", config.store_pictures,
      {.help = "Whether the face that was enrolled is kept as a picture, unless the request "
               "says otherwise"});
  settings.add("database.enabled", config.database.enabled,
               {.help = "Whether there are identities"});
  settings.add("database.db_file", store.path,
               {.env = settings.variable("DATABASE"),
                .flag = "--database",
                .help = "Where they are stored"});
  settings.add("database.max_embeddings_per_identity", store.max_embeddings_of_identity,
               {.help = "Most pictures of a person", .min = 1, .max = 10'000});
  settings.add("database.max_size_mb", store.max_mb,
               {.help = "Most MiB of the file", .min = 1, .max = 1'000'000});
  settings.add("database.timeout_ms", store.wait_ms,
               {.help = "How long another program's lock is waited for", .min = 0, .max = 60'000});
}

}  // namespace npu::face
