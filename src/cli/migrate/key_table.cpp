#include "cli/migrate/key_table.hpp"

#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "cli/migrate/old_services.hpp"

namespace npu::cli::migrate {
namespace {

using Value = std::function<Result<std::string>(const std::string&)>;

Result<std::string> any(const std::string& text) { return text; }

Value number(double min, double max) {
  return [=](const std::string& text) -> Result<std::string> {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= min && value <= max) return text;
    return fail(ErrorCode::kInvalidArgument, fmt::format("must be a number in {}..{}", min, max));
  };
}

Value whole(double min, double max) {
  return [=, in_range = number(min, max)](const std::string& text) -> Result<std::string> {
    const auto known = in_range(text);
    if (known && text.find_first_of(".eE") == std::string::npos) return text;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("must be a whole number in {}..{}", min, max));
  };
}

Result<std::string> boolean(const std::string& text) {
  const std::string word = to_lower(text);
  if (word == "true" || word == "yes" || word == "on") return "true";
  if (word == "false" || word == "no" || word == "off") return "false";
  return fail(ErrorCode::kInvalidArgument, "must be true or false");
}

Value one_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const std::string& text) -> Result<std::string> {
    for (const auto& choice : choices) {
      if (choice == text) return text;
    }
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("must be one of {}", fmt::join(choices, ", ")));
  };
}

Result<std::string> level(const std::string& text) {
  return one_of({"debug", "info", "warning", "error"})(to_lower(text));
}

// hailo-apps calls them after their key points; the catalogue by their networks.
Result<std::string> detector(const std::string& text) {
  constexpr std::string_view kEnding = "_bnkps";
  return text.ends_with(kEnding) ? text.substr(0, text.size() - kEnding.size()) : text;
}

// As the Python manager took it: only 0o666 was a mode there, all else meant the default.
Result<std::string> socket_mode(const std::string& text) {
  if (text.starts_with("0o")) return "0" + text.substr(2);
  return fail(ErrorCode::kInvalidArgument, "the Python manager took it for the default, 0660");
}

Result<std::string> below_run(const std::string& text) {
  if (text.starts_with("/run/hailo/") && text.find("..") == std::string::npos) return text;
  return fail(ErrorCode::kInvalidArgument, "the manager may only write to /run/hailo");
}

const Value kShare = number(0, 1);
const Value kPort = whole(1, 65535);

KeyRow same(std::string key, Value value = any) { return {key, key, {}, std::move(value), false}; }
// It had no effect.
KeyRow counts_now(std::string key, Value value) { return {key, key, {}, std::move(value), true}; }
KeyRow renamed(std::string from, std::string to, Value value = any) {
  return {std::move(from), std::move(to), {}, std::move(value), false};
}
KeyRow none(std::string key, std::string why) {
  return {std::move(key), {}, std::move(why), any, false};
}

constexpr const char* kUnit = "limits are set in the unit: systemctl edit";
constexpr const char* kModelsOwn = "the model's own counts";
constexpr const char* kPool = "see server.threads, server.max_waiting, server.request_timeout_ms";

std::vector<KeyRow> with_common(std::vector<KeyRow> rows) {
  const std::vector<KeyRow> common{
      same("server.port", kPort),
      none("server.debug", "there is no such mode"),
      renamed("logging.level", "log.level", level),
      none("logging.*", "the journal has its own format"),
      none("resource_limits.*", kUnit),
      none("performance.*", kPool),
  };
  rows.insert(rows.end(), common.begin(), common.end());
  return rows;
}

std::vector<KeyRow> manager_rows() {
  return {
      renamed("HAILO_DEVICE_SOCKET", "socket.path", below_run),
      renamed("HAILO_DEVICE_SOCKET_MODE", "socket.mode", socket_mode),
      none("HAILO_DEVICE_SOCKET_GROUP",
           "the socket is for the group hailo: sudo adduser NAME hailo"),
      renamed("HAILO_DEVICE_MAX_MESSAGE_BYTES", "limits.message_bytes", whole(1024, 1 << 30)),
      none("HAILO_DEVICE_MAX_EVICTIONS", "what does not fit evicts nobody"),
      renamed("HAILO_DEVICE_HTTP_BIND", "http.bind"),
      renamed("HAILO_DEVICE_GROUP_ID", "device.group_id"),
      none("HAILO_MONITOR", "it is HailoRT's: systemctl edit hailo-device-manager"),
  };
}

std::vector<KeyRow> clip_rows() {
  return with_common({
      renamed("clip.model", "model.name"),
      none("clip.embedding_dimension", kModelsOwn),
      none("clip.image_size", kModelsOwn),
      none("clip.device", "the device manager has the device"),
      none("clip.batch_size", "texts are put together as the network can"),
      none("clip.device_timeout_ms", "server.request_timeout_ms counts"),
      same("clip.apply_softmax", boolean),
      same("clip.logit_scale", number(0, 1e4)),
      none("text_embedding.mode", "texts are encoded when they are asked for"),
      counts_now("text_embedding.cache_enabled", boolean),
      counts_now("text_embedding.cache_max_entries", whole(1, 1'000'000)),
  });
}

std::vector<KeyRow> depth_rows() {
  return with_common({
      same("model.name"),
      same("model.type", one_of({"monocular", "stereo"})),
      counts_now("model.keep_alive", number(-1, 1e9)),
      same("output.format", one_of({"numpy", "image", "both", "depth_png_16"})),
      same("output.colormap", one_of({"viridis", "plasma", "magma", "turbo", "jet"})),
      same("output.normalize", boolean),
      same("output.include_stats", boolean),
      none("output.depth_png_16", "ask for it with output.format: depth_png_16"),
      none("input.allow_local_paths", "files of the server are never read"),
      same("input.allow_image_url", boolean),
      same("input.max_image_mb", whole(1, 1024)),
      none("resources.model_dir", "models are in /var/lib/hailo/models"),
      none("resources.postprocess_dir", "it is built in"),
  });
}

std::vector<KeyRow> ocr_rows() {
  return with_common({
      same("ocr.languages"),
      counts_now("ocr.det_threshold", kShare),
      counts_now("ocr.rec_threshold", kShare),
      none("ocr.*", "texts are told as they were read"),
      same("hailo_models.detection_hef"),
      same("hailo_models.recognition_hefs.en"),
      same("hailo_models.recognition_hefs.zh"),
      same("hailo_models.batch_size_rec", whole(1, 128)),
      none("hailo_models.models_root", "models are in /var/lib/hailo/models"),
      same("hailo_models.device"),
      none("hailo_models.batch_size_det", "pictures are looked at one by one"),
      none("hailo_models.priority", "requests have the manager's priorities"),
      counts_now("processing.enable_caching", boolean),
      counts_now("processing.cache_ttl_seconds", whole(1, 1e7)),
      counts_now("processing.max_cache_size_mb", whole(1, 4096)),
      none("processing.max_image_size", "input.max_image_megapixels is the limit"),
      none("processing.jpeg_quality", "pictures are not encoded"),
  });
}

std::vector<KeyRow> pose_rows() {
  return with_common({
      same("model.name"),
      counts_now("model.keep_alive", number(-1, 1e9)),
      same("inference.confidence_threshold", kShare),
      same("inference.iou_threshold", kShare),
      same("inference.max_detections", whole(1, 300)),
      none("inference.input_size", kModelsOwn),
      same("pose.keypoint_threshold", kShare),
      same("pose.skeleton_connections", boolean),
  });
}

std::vector<KeyRow> face_rows() {
  return with_common({
      same("face_recognition.detection_model", detector),
      same("face_recognition.recognition_model"),
      none("face_recognition.embedding_dimension", kModelsOwn),
      same("face_recognition.max_faces", whole(1, 300)),
      same("face_recognition.recognition_threshold", kShare),
      counts_now("face_recognition.detection_threshold", kShare),
      none("face_recognition.database_path", "database.db_file is the database"),
      none("face_recognition.*", "the device manager has the device"),
      same("database.enabled", boolean),
      none("database.db_file", "the database is /var/lib/hailo-face/faces.db"),
      counts_now("database.max_embeddings_per_identity", whole(1, 10'000)),
      none("database.*", "hailo-face backup FILE makes one"),
  });
}

std::vector<KeyRow> scrfd_rows() {
  return with_common({
      same("scrfd.model", detector),
      same("scrfd.conf_threshold", kShare),
      counts_now("scrfd.nms_threshold", kShare),
      none("scrfd.input_size", kModelsOwn),
      none("scrfd.*", "the device manager has the device"),
      counts_now("detection.max_faces", whole(1, 300)),
      none("detection.*", "requests say it themselves"),
      none("alignment.*", "faces are 112 x 112, as recognisers want them"),
  });
}

}  // namespace

const std::vector<KeyRow>& keys_of(std::string_view service) {
  static const std::map<std::string_view, std::vector<KeyRow>> tables{
      {kManager, manager_rows()},    {"hailo-clip", clip_rows()}, {"hailo-depth", depth_rows()},
      {"hailo-face", face_rows()},   {"hailo-ocr", ocr_rows()},   {"hailo-pose", pose_rows()},
      {"hailo-scrfd", scrfd_rows()},
  };
  return tables.at(service);
}

}  // namespace npu::cli::migrate
