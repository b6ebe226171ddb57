// The one way of this library into the private parts of its own public classes.
#pragma once

#include "hailo/hef.hpp"
#include "hailo/infer_model.hpp"

#include "hef_file.hpp"

namespace hailort {

struct FakeAccess {
  using StreamImpl = InferModel::InferStream::Impl;

  static Hef make_hef(hailo_fake::HefPtr file);
  static ConfiguredInferModel make_configured(std::shared_ptr<ConfiguredInferModelBase> model);
  static ConfiguredInferModel::Bindings make_bindings(const hailo_fake::HefFile& hef);
  // The memory that is bound to a stream; HAILO_NOT_FOUND where there is none.
  static Expected<MemoryView> bound(const ConfiguredInferModel::Bindings& bindings, bool input,
                                    const std::string& name);
  static AsyncInferJob make_job(std::shared_ptr<AsyncInferJobBase> job);
  static InferModel::InferStream make_stream(hailo_fake::Stream stream);
  static StreamImpl& of(const InferModel::InferStream& stream);
};

}  // namespace hailort
