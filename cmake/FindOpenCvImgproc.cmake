# OpenCV's drawing and contours, of Debian's libopencv-imgproc-dev, which has no package file: that of
# all of OpenCV brings in its video and window libraries.
#
#   OpenCvImgproc::OpenCvImgproc    imported target; #include <opencv2/imgproc.hpp>

find_path(OpenCvImgproc_INCLUDE_DIR opencv2/imgproc.hpp PATH_SUFFIXES opencv4)
find_library(OpenCvImgproc_LIBRARY opencv_imgproc)
find_library(OpenCvImgproc_CORE_LIBRARY opencv_core)
mark_as_advanced(OpenCvImgproc_INCLUDE_DIR OpenCvImgproc_LIBRARY OpenCvImgproc_CORE_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCvImgproc
  REQUIRED_VARS OpenCvImgproc_LIBRARY OpenCvImgproc_CORE_LIBRARY OpenCvImgproc_INCLUDE_DIR)

if(OpenCvImgproc_FOUND AND NOT TARGET OpenCvImgproc::OpenCvImgproc)
  add_library(OpenCvImgproc::OpenCvImgproc UNKNOWN IMPORTED)
  set_target_properties(OpenCvImgproc::OpenCvImgproc PROPERTIES
    IMPORTED_LOCATION ${OpenCvImgproc_LIBRARY}
    INTERFACE_LINK_LIBRARIES ${OpenCvImgproc_CORE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OpenCvImgproc_INCLUDE_DIR})
endif()
