// ConfiguredInferModel::Bindings: the memory of one inference.
#include "access.hpp"
#include "configured_client.hpp"

namespace hailort {

using Bindings = ConfiguredInferModel::Bindings;

namespace {

template <class Streams>
Expected<Bindings::InferStream> only(const Streams& streams) {
  if (streams.size() != 1) return make_unexpected(HAILO_INVALID_OPERATION);
  auto copy = streams.begin()->second;
  return copy;
}

template <class Streams>
Expected<Bindings::InferStream> named(const Streams& streams, const std::string& name) {
  const auto found = streams.find(name);
  if (found == streams.end()) return make_unexpected(HAILO_NOT_FOUND);
  auto copy = found->second;
  return copy;
}

}  // namespace

Bindings::Bindings(const Bindings& other) { *this = other; }

Bindings& Bindings::operator=(const Bindings& other) {
  if (this == &other) return *this;
  const auto copied = [](const auto& from) {
    std::unordered_map<std::string, InferStream> streams;
    for (const auto& [name, stream] : from) {
      streams[name].m_pimpl = std::make_shared<InferStream::Impl>(*stream.m_pimpl);
    }
    return streams;
  };
  m_inputs = copied(other.m_inputs);
  m_outputs = copied(other.m_outputs);
  return *this;
}

Expected<Bindings::InferStream> Bindings::input() { return only(m_inputs); }
Expected<Bindings::InferStream> Bindings::output() { return only(m_outputs); }
Expected<Bindings::InferStream> Bindings::input(const std::string& name) {
  return named(m_inputs, name);
}
Expected<Bindings::InferStream> Bindings::output(const std::string& name) {
  return named(m_outputs, name);
}

hailo_status Bindings::InferStream::set_buffer(MemoryView view) {
  m_pimpl->view = view;
  return HAILO_SUCCESS;
}

Expected<MemoryView> Bindings::InferStream::get_buffer() const {
  if (!m_pimpl->view) return make_unexpected(HAILO_INVALID_OPERATION);
  return MemoryView(*m_pimpl->view);
}

Bindings FakeAccess::make_bindings(const hailo_fake::HefFile& hef) {
  Bindings bindings;
  const auto add = [](auto& to, const auto& streams) {
    for (const auto& stream : streams) {
      to[stream.name].m_pimpl = std::make_shared<Bindings::InferStream::Impl>();
      to[stream.name].m_pimpl->name = stream.name;
    }
  };
  add(bindings.m_inputs, hef.inputs);
  add(bindings.m_outputs, hef.outputs);
  return bindings;
}

Expected<MemoryView> FakeAccess::bound(const Bindings& bindings, bool input,
                                       const std::string& name) {
  const auto& streams = input ? bindings.m_inputs : bindings.m_outputs;
  const auto found = streams.find(name);
  if (found == streams.end() || !found->second.m_pimpl->view) {
    return make_unexpected(HAILO_NOT_FOUND);
  }
  return MemoryView(*found->second.m_pimpl->view);
}

}  // namespace hailort
