// Why a file may not be opened: the folder on its way that this process's user may not enter.
#pragma once

#include <string>

namespace npu::store {

// The outermost folder above `path` that may not be entered, "" where all may: then it is the file
// itself that may not be read.
std::string closed_folder(const std::string& path);

// What a client and an administrator are told, for a path that could not be opened for lack of
// rights.
std::string say_not_permitted(const std::string& path);

}  // namespace npu::store
