// load_text_model(): what the file is, and who has the KV cache.
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"
#include "device/hailort/chip/back_off.hpp"
#include "device/hailort/chip/chip.hpp"
#include "device/hailort/generation/text_device.hpp"
#include "device/hailort/generation/text_model.hpp"
#include "device/hailort/hef/hef_source.hpp"
#include "device/hailort/hef/model_path.hpp"
#include "device/hailort/status.hpp"
#include "store/hef_kind.hpp"

namespace npu::device::hailort {
namespace {

// Whether the connection is still one to the server that runs on the chip now.
bool is_connected(const sdk::VDevice& vdevice) {
  const auto devices = vdevice.get_physical_devices();
  if (!devices || devices->empty()) return false;
  auto& device = devices->front().get();
  auto status = device.identify().status();
  // The library itself can miss a reply.
  if (status == HAILO_TIMEOUT) status = device.identify().status();
  return status == HAILO_SUCCESS;
}

struct TextFile {
  std::string path;
  bool sees = false;
  std::string adapter;
};

Result<TextFile> look_into(const Chip& chip, const ModelFile& file) {
  const auto source = HefSource::open(file, HefSource::Reads::kPathsOnly);
  if (!source) return fail(source.error());
  const auto hef = source->parse(chip.identity());
  if (!hef) return fail(hef.error());
  TextFile text;
  text.path = readable_path(file);
  const auto groups = hef->get_network_groups_names();
  const auto kind = store::kind_of(groups);
  if (kind != store::HefKind::kLanguage && kind != store::HefKind::kVisionLanguage) {
    return fail(ErrorCode::kUnsupported, fmt::format("{} is no language model: its kind is {}",
                                                     source->name(), store::name_of(kind)));
  }
  text.sees = kind == store::HefKind::kVisionLanguage;
  auto adapter = store::default_adapter(groups);
  if (!adapter) return fail(adapter.error());
  text.adapter = std::move(*adapter);
  return text;
}

// Until 5.1 nothing on the chip keeps two programs from using its KV cache together, which spoils
// the answers of both. What another program has there cannot be seen, only that it is there.
Status nobody_uses_the_cache() {
  hailo_version_t version{};
  const bool known = hailo_get_library_version(&version) == HAILO_SUCCESS;
  if (!known || version.major > 5 || (version.major == 5 && version.minor >= 2)) return {};
  const std::string holders = Chip::held_by();
  if (holders.empty()) {
    log::warning(
        "HailoRT {} does not guard the KV cache of the device: no other program may have "
        "a language model there",
        loaded_version());
    return {};
  }
  return fail(ErrorCode::kBusy,
              fmt::format("HailoRT {} does not guard the KV cache of the device, and {}; language "
                          "models need HailoRT 5.2, or the device alone",
                          loaded_version(), holders),
              Millis(1000));
}

// After several attempts of a busy device. The chip frees the KV cache of a model that was
// destroyed in its own time, so the first ones may meet the model that this process had before; it
// never has two. From 5.3 on 6 may also be the bound on core-ops; with nobody else on the device it
// is.
Error held(Error error, hailo_status status) {
  if (status == HAILO_INVALID_OPERATION && Chip::held_by().empty()) {
    return to_error(status, Operation::kLoadText, "the device did not take the model",
                    kPerhapsCoreOps);
  }
  if (status == HAILO_INVALID_OPERATION || status == HAILO_COMMUNICATION_CLOSED) {
    error.message =
        fmt::format("the KV cache of the device is held by another process: {}", error.message);
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<TextModel>> load_text_model(std::shared_ptr<Chip> chip,
                                                   const ModelFile& file, RunContext& context) {
  if (auto ok = chip->alive(); !ok) return fail(ok.error());
  const auto text = look_into(*chip, file);
  if (!text) return fail(text.error());

  std::shared_ptr<sdk::VDevice> vdevice;
  hailo_status status = HAILO_SUCCESS;
  auto model = retry_busy(context, [&]() -> Result<std::unique_ptr<TextModel>> {
    if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
    if (auto ok = nobody_uses_the_cache(); !ok) return fail(ok.error());
    if (!vdevice) {
      auto opened = chip->genai_connection();
      if (!opened) return fail(opened.error());
      vdevice = std::move(*opened);
    }
    auto created = text->sees ? create_vlm(chip, vdevice, text->path)
                              : create_llm(chip, vdevice, text->path, text->adapter);
    status = created.status;
    if (created.session) return make_text_model(std::move(*created.session), chip->clock());
    if (status == HAILO_TIMEOUT) return fail(chip->declare_lost(kSendingGotStuck));
    if (status == HAILO_COMMUNICATION_CLOSED && !is_connected(*vdevice)) {
      return fail(chip->declare_lost("the server on the device ended while it loaded a model"));
    }
    return fail(created.session.error());
  });
  if (!model && model.error().code == ErrorCode::kBusy) return fail(held(model.error(), status));
  return model;
}

}  // namespace npu::device::hailort
#include "device/hailort/generation/text_load.hpp"
